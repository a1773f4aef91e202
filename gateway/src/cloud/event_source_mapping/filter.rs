//! Event filtering, as EventBridge patterns describe it: a field passes if one of its listed values or conditions does, and all
//! fields of a pattern must pass.

use serde_json::Value;

/// Whether an event passes a pattern.
pub(super) fn matches(pattern: &Value, event: &Value) -> bool {
    let Value::Object(fields) = pattern else { return false };
    fields.iter().all(|(name, expected)| {
        if name == "$or" {
            return expected.as_array().is_some_and(|patterns| patterns.iter().any(|pattern| matches(pattern, event)));
        }
        let actual = event.get(name);
        match expected {
            Value::Array(allowed) => allowed.iter().any(|condition| passes(condition, actual)),
            nested => matches(nested, actual.unwrap_or(&Value::Null)),
        }
    })
}

fn passes(condition: &Value, actual: Option<&Value>) -> bool {
    let Value::Object(condition) = condition else { return same(condition, actual) };
    let Some((kind, argument)) = condition.iter().next() else { return false };
    let text = actual.and_then(Value::as_str);
    match kind.as_str() {
        "exists" => argument.as_bool() == Some(actual.is_some()),
        "prefix" => text.zip(argument.as_str()).is_some_and(|(text, prefix)| text.starts_with(prefix)),
        "suffix" => text.zip(argument.as_str()).is_some_and(|(text, suffix)| text.ends_with(suffix)),
        "equals-ignore-case" => {
            text.zip(argument.as_str()).is_some_and(|(text, other)| text.eq_ignore_ascii_case(other))
        }
        "anything-but" => actual.is_some() && !any_of(argument, actual),
        "numeric" => actual.and_then(number).is_some_and(|number| in_range(argument, number)),
        _ => false,
    }
}

fn same(expected: &Value, actual: Option<&Value>) -> bool {
    actual == Some(expected) || (expected.is_null() && actual.is_some_and(Value::is_null))
}

fn any_of(argument: &Value, actual: Option<&Value>) -> bool {
    match argument {
        Value::Array(values) => values.iter().any(|value| same(value, actual)),
        condition @ Value::Object(_) => passes(condition, actual),
        value => same(value, actual),
    }
}

/// DynamoDB's JSON writes numbers as text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// `[">", 0, "<=", 5]`
fn in_range(argument: &Value, actual: f64) -> bool {
    let Value::Array(parts) = argument else { return false };
    parts.len() >= 2
        && parts.chunks(2).all(|part| {
            let (Some(operator), Some(bound)) = (part[0].as_str(), part.get(1).and_then(Value::as_f64)) else {
                return false;
            };
            match operator {
                "=" => (actual - bound).abs() < f64::EPSILON,
                "<" => actual < bound,
                "<=" => actual <= bound,
                ">" => actual > bound,
                ">=" => actual >= bound,
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_must_pass_and_one_value_of_it_is_enough() {
        let event = json!({"eventName": "MODIFY", "dynamodb": {"Keys": {"pk": {"S": "messages#1"}}, "NewImage": {"likes": {"N": "3"}}}});
        let passing = [
            json!({"eventName": ["INSERT", "MODIFY"]}),
            json!({"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "messages#"}]}}}}),
            json!({"dynamodb": {"Keys": {"pk": {"S": [{"suffix": "#1"}]}}}, "eventName": [{"anything-but": ["REMOVE"]}]}),
            json!({"dynamodb": {"NewImage": {"likes": {"N": [{"numeric": [">", 2, "<=", 3]}]}}}}),
            json!({"userIdentity": [{"exists": false}]}),
            json!({"$or": [{"eventName": ["REMOVE"]}, {"eventName": [{"equals-ignore-case": "modify"}]}]}),
            json!({}),
        ];
        for pattern in passing {
            assert!(matches(&pattern, &event), "{pattern}");
        }
        let failing = [
            json!({"eventName": ["INSERT"]}),
            json!({"eventName": ["MODIFY"], "dynamodb": {"Keys": {"pk": {"S": ["messages#2"]}}}}),
            json!({"dynamodb": {"NewImage": {"likes": {"N": [{"numeric": [">", 3]}]}}}}),
            json!({"userIdentity": {"type": ["Service"]}}),
            json!({"userIdentity": [{"exists": true}]}),
            json!({"eventName": [{"anything-but": "MODIFY"}]}),
            json!({"eventName": [{"unheard-of": 1}]}),
        ];
        for pattern in failing {
            assert!(!matches(&pattern, &event), "{pattern}");
        }
    }
}
