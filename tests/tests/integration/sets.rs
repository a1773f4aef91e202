//! What must be the same in several places: the functions of the template, the binaries, the sample events.

use std::collections::BTreeSet;

use gateway::template::Template;
use serde_json::Value;

fn names_in(folder: &str, extension: &str) -> BTreeSet<String> {
    let folder = format!("{}/../{folder}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = files.map(|file| file.expect("an entry").file_name().into_string().expect("a plain name"));
    names.filter_map(|name| name.strip_suffix(extension).map(str::to_owned)).collect()
}

#[test]
fn template_binaries_engine_and_sample_events_have_the_same_functions() {
    let template: BTreeSet<String> = Template::embedded().unwrap().functions.into_keys().collect();
    let engine: BTreeSet<String> = functions::local::NAMES.into_iter().map(str::to_owned).collect();
    assert_eq!(template, engine);
    assert_eq!(template, names_in("functions/src/bin", ".rs"));
    assert_eq!(template, names_in("events", ".json"));
}

/// Where a bare `*` has to stand, and why.
const STARS: [(&str, &str); 6] = [
    ("xray:PutTraceSegments", "X-Ray has no resources"),
    ("xray:PutTelemetryRecords", "X-Ray has no resources"),
    ("xray:GetSamplingRules", "X-Ray has no resources"),
    ("xray:GetSamplingTargets", "X-Ray has no resources"),
    ("xray:GetSamplingStatisticSummaries", "X-Ray has no resources"),
    ("dynamodb:ListStreams", "it lists streams before any is known"),
];

/// Every IAM statement, wherever it stands.
fn statements<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("Effect") && (fields.contains_key("Action") || fields.contains_key("NotAction")) {
                found.push(value);
            }
            fields.values().for_each(|value| statements(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| statements(value, found)),
        _ => {}
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// The template as plain JSON: `!Ref X` becomes `{"Ref": "X"}`, so that every statement is an object.
fn template() -> Value {
    fn plain(value: serde_norway::Value) -> Value {
        use serde_norway::Value as Yaml;
        match value {
            Yaml::Tagged(tagged) => serde_json::json!({ tagged.tag.to_string(): plain(tagged.value) }),
            Yaml::Mapping(fields) => Value::Object(
                fields
                    .into_iter()
                    .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), plain(value)))
                    .collect(),
            ),
            Yaml::Sequence(values) => values.into_iter().map(plain).collect(),
            other => serde_json::to_value(other).expect("plain YAML is JSON"),
        }
    }
    plain(serde_norway::from_str(include_str!("../../../template.yaml")).expect("YAML"))
}

#[test]
fn no_policy_allows_everything_without_a_reason() {
    let template = template();
    let mut found = Vec::new();
    statements(&template, &mut found);
    assert!(found.len() >= 15, "the statements were found: {}", found.len());
    for statement in found.into_iter().filter(|statement| statement["Effect"] == "Allow") {
        assert!(statement.get("NotAction").is_none() && statement.get("NotResource").is_none(), "{statement}");
        let actions = texts(&statement["Action"]);
        assert!(!actions.is_empty() && actions.iter().all(|action| !action.contains('*')), "{statement}");
        if texts(&statement["Resource"]).contains(&"*") {
            for action in actions {
                assert!(STARS.iter().any(|(allowed, _)| *allowed == action), "{action} on everything: {statement}");
            }
        }
    }
}

#[test]
fn only_those_who_talk_to_sockets_may_manage_connections() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap().iter();
    let functions = resources.filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    let allowed = functions.filter(|(_, resource)| {
        let mut found = Vec::new();
        statements(resource, &mut found);
        found
            .iter()
            .any(|statement| texts(&statement["Action"]).iter().any(|action| action.contains("ManageConnections")))
    });
    let allowed: BTreeSet<&str> = allowed.map(|(name, _)| name.as_str()).collect();
    assert_eq!(allowed, BTreeSet::from(["BroadcastFunction", "FanOutFunction", "HousekeepFunction"]));
}

#[test]
fn the_edge_function_of_the_template_is_the_one_that_is_tested() {
    let template = template();
    let code = template["Resources"]["SocketRewrite"]["Properties"]["FunctionCode"]["!Sub"].as_str();
    let tested = include_str!("../../../edge/rewrite.js");
    assert_eq!(code.map(str::trim), Some(tested.trim()));
}
