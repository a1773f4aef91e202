//! The template as tests inspect it: plain JSON, with every IAM statement and its grants.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

use crate::aws_calls::AwsCall;

/// The template as plain JSON: `!Ref X` becomes `{"!Ref": "X"}`, so that every statement is an object.
///
/// # Panics
/// If it is not valid YAML.
pub fn template() -> Value {
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
    plain(serde_norway::from_str(include_str!("../../template.yaml")).expect("YAML"))
}

/// Every IAM statement, wherever it stands.
pub fn statements<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
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

/// One text, or a list of them.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// All resources of a type, with their logical ids.
///
/// # Panics
/// If the template has no resources.
pub fn of_type<'a>(template: &'a Value, kind: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let resources = template["Resources"].as_object().expect("resources").iter();
    resources.filter(move |(_, resource)| resource["Type"] == kind).map(|(id, resource)| (id.as_str(), resource))
}

/// Everything that the functions' own policies allow.
///
/// # Panics
/// If a policy names a resource in a form that is not supported here.
pub fn granted() -> &'static BTreeSet<AwsCall> {
    // Read once: tests ask for each call of a run.
    static GRANTED: LazyLock<BTreeSet<AwsCall>> = LazyLock::new(read_granted);
    &GRANTED
}

fn read_granted() -> BTreeSet<AwsCall> {
    let template = template();
    let mut granted = BTreeSet::new();
    for (_, function) in of_type(&template, "AWS::Serverless::Function") {
        let name = function["Metadata"]["BuildProperties"]["Binary"].as_str().expect("a name");
        let policies = function["Properties"]["Policies"].as_array().expect("policies");
        for statement in policies.iter().flat_map(|policy| statements_of(&template, policy)) {
            assert_eq!(statement["Effect"], "Allow", "{statement}");
            let on = match &statement["Resource"] {
                Value::Array(several) => several.iter().collect(),
                single => vec![single],
            };
            for action in texts(&statement["Action"]) {
                granted.extend(on.iter().map(|resource| AwsCall::new(name, action, &named(resource))));
            }
        }
    }
    granted
}

/// The patterns of the partition keys to which a call is limited; `None` if a policy of its function allows it for all rows.
///
/// # Panics
/// As [`granted`].
pub fn leading_keys(call: &AwsCall) -> Option<Vec<String>> {
    static TEMPLATE: LazyLock<Value> = LazyLock::new(template);
    let mut patterns = Vec::new();
    for (_, function) in of_type(&TEMPLATE, "AWS::Serverless::Function") {
        if function["Metadata"]["BuildProperties"]["Binary"] != call.function.as_str() {
            continue;
        }
        let policies = function["Properties"]["Policies"].as_array().expect("policies");
        for statement in policies.iter().flat_map(|policy| statements_of(&TEMPLATE, policy)) {
            let is_of_call = texts(&statement["Action"]).contains(&call.action.as_str());
            if !is_of_call || statement["Resource"].is_array() || named(&statement["Resource"]) != call.resource {
                continue;
            }
            let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
            if keys.is_null() {
                return None;
            }
            patterns.extend(texts(keys).into_iter().map(str::to_owned));
        }
    }
    Some(patterns)
}

/// The statements of one of a function's policies: an inline document, or a managed policy of the template.
fn statements_of<'a>(template: &'a Value, policy: &'a Value) -> Vec<&'a Value> {
    let document = match policy["!If"].as_array().map(Vec::as_slice) {
        None => policy,
        // With its condition: the policy does not exist otherwise.
        Some([condition, policy, otherwise]) => {
            assert_eq!(otherwise["!Ref"], "AWS::NoValue", "{policy}");
            let id = policy["!Ref"].as_str().unwrap_or_else(|| panic!("no managed policy: {policy}"));
            let managed = &template["Resources"][id];
            assert_eq!(
                (&managed["Type"], &managed["Condition"]),
                (&"AWS::IAM::ManagedPolicy".into(), condition),
                "{id}"
            );
            for who in ["Users", "Groups", "Roles"] {
                assert!(managed["Properties"].get(who).is_none(), "{id} is given to functions by their own policies");
            }
            &managed["Properties"]["PolicyDocument"]
        }
        Some(_) => panic!("no condition: {policy}"),
    };
    let listed = document["Statement"].as_array().unwrap_or_else(|| panic!("no policy: {policy}"));
    let mut found = Vec::new();
    statements(document, &mut found);
    assert_eq!(found.len(), listed.len(), "a statement stands under a condition: {policy}");
    found
}

/// The name of a policy's resource in [`AwsCall`]: a logical id, and for sockets the method.
fn named(resource: &Value) -> String {
    if let Some(attribute) = resource["!GetAtt"].as_str() {
        return attribute.split('.').next().unwrap_or_default().to_owned();
    }
    if let Some(reference) = resource["!Ref"].as_str() {
        return reference.to_owned();
    }
    // `!If [it is an ARN, !Ref Parameter, what makes it one]`
    if let Some(choice) = resource["!If"].as_array() {
        return named(&choice[1]);
    }
    let text = resource["!Sub"].as_str().unwrap_or_else(|| panic!("no resource: {resource}"));
    let method = text.strip_suffix("/@connections/*").and_then(|text| text.rsplit('/').next());
    format!("{} of a socket", method.unwrap_or_else(|| panic!("no resource: {resource}")))
}
