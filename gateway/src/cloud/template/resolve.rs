//! CloudFormation's intrinsic functions, as far as they resolve without a cloud.

use std::collections::BTreeMap;

use serde_norway::Value;
use serde_norway::value::TaggedValue;

/// The local values of names: parameters by their defaults, tables by their local names, functions by their short names.
pub(super) type Names = BTreeMap<String, String>;

/// The text of a value; `None` if it needs the cloud.
pub(super) fn text(value: &Value, names: &Names) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Tagged(tagged) => tagged_text(tagged, names),
        _ => None,
    }
}

/// The logical id that a value refers to: `!Ref X` and `!GetAtt X.Attribute`.
pub(super) fn referred(value: &Value) -> Option<&str> {
    let Value::Tagged(tagged) = value else { return None };
    let text = tagged.value.as_str()?;
    if tagged.tag == "Ref" {
        return Some(text);
    }
    (tagged.tag == "GetAtt").then(|| text.split('.').next()).flatten()
}

/// The text of a function's argument, unresolved: that of `!Sub text`, or the text itself.
pub(super) fn argument(value: &Value) -> Option<&str> {
    match value {
        Value::Tagged(tagged) => tagged.value.as_str(),
        value => value.as_str(),
    }
}

fn tagged_text(tagged: &TaggedValue, names: &Names) -> Option<String> {
    let argument = tagged.value.as_str()?;
    if tagged.tag == "Ref" {
        return names.get(argument).cloned();
    }
    if tagged.tag != "Sub" {
        return None;
    }
    let (mut text, mut rest) = (String::new(), argument);
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        text += before;
        text += names.get(name)?;
        rest = after;
    }
    Some(text + rest)
}
