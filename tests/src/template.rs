//! The template as tests look at it: plain JSON, with every IAM statement and its grants.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::aws_calls::AwsCall;

/// The template as plain JSON: `!Ref X` becomes `{"!Ref": "X"}`, so that every statement is an object.
///
/// # Panics
/// If it is no YAML.
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

/// Everything that the functions' own policies allow.
///
/// # Panics
/// If a policy names something in a way that this does not know.
pub fn granted() -> BTreeSet<AwsCall> {
    let template = template();
    let resources = template["Resources"].as_object().expect("resources").values();
    let functions = resources.filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    let mut granted = BTreeSet::new();
    for function in functions {
        let name = function["Metadata"]["BuildProperties"]["Binary"].as_str().expect("a name");
        let mut found = Vec::new();
        statements(&function["Properties"]["Policies"], &mut found);
        for statement in found {
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

/// The name of a policy's resource in [`AwsCall`]: a logical id, and for sockets the method.
fn named(resource: &Value) -> String {
    if let Some(attribute) = resource["!GetAtt"].as_str() {
        return attribute.split('.').next().unwrap_or_default().to_owned();
    }
    if let Some(reference) = resource["!Ref"].as_str() {
        return reference.to_owned();
    }
    let text = resource["!Sub"].as_str().unwrap_or_else(|| panic!("no resource: {resource}"));
    let method = text.strip_suffix("/@connections/*").and_then(|text| text.rsplit('/').next());
    format!("{} of a socket", method.unwrap_or_else(|| panic!("no resource: {resource}")))
}
