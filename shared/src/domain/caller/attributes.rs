//! The attributes of a user, which the operator's server signs and everybody reads beside the user's messages.

use std::collections::BTreeMap;

use serde_json::Value;

/// Names and values.
pub type Attributes = BTreeMap<String, String>;

const MAX_ATTRIBUTES: usize = 10;
/// In bytes of UTF-8, names and values together.
pub(crate) const MAX_BYTES: usize = 1024;

/// Reads the claim `attributes`. One of the wrong form or beyond the limits counts as absent, as display claims do
/// (docs/contract.md, Who may do what).
pub(super) fn parse_attributes(claim: &Value) -> Attributes {
    texts_of(claim).filter(are_attributes).unwrap_or_default()
}

/// An object whose values are texts, with [`MAX_BYTES`] in all at most; `None` for anything else. A name has at least one character, which
/// DynamoDB demands.
pub(crate) fn texts_of(value: &Value) -> Option<Attributes> {
    let texts = value.as_object()?.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    texts.collect::<Option<Attributes>>().filter(fit)
}

fn fit(attributes: &Attributes) -> bool {
    let bytes: usize = attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
    bytes <= MAX_BYTES && attributes.keys().all(|name| !name.is_empty())
}

/// Whether attributes are within their limits.
pub fn are_attributes(attributes: &Attributes) -> bool {
    attributes.len() <= MAX_ATTRIBUTES && fit(attributes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn numbered(count: usize) -> Value {
        Value::Object((0..count).map(|nth| (format!("name{nth}"), json!("value"))).collect::<Map<_, _>>())
    }

    #[test]
    fn up_to_ten_strings_and_1024_bytes_are_taken() {
        assert_eq!(parse_attributes(&json!({"team": "red", "city": ""})).len(), 2);
        assert_eq!((parse_attributes(&numbered(10)).len(), parse_attributes(&numbered(11)).len()), (10, 0));
        for (characters, taken) in [(511, 1), (512, 0)] {
            assert_eq!(parse_attributes(&json!({"ab": "é".repeat(characters)})).len(), taken, "{characters}");
        }
    }

    #[test]
    fn attributes_of_another_form_count_as_absent() {
        for claim in [
            json!(null),
            json!([]),
            json!("team"),
            json!({"team": 7}),
            json!({"team": "red", "city": null}),
            json!({"team": {"name": "red"}}),
            json!({"": "red"}),
        ] {
            assert!(parse_attributes(&claim).is_empty(), "{claim}");
        }
    }
}
