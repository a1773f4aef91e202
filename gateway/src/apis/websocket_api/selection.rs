//! Which route takes a message, by the API's route selection expression.

use std::collections::HashMap;

use serde_json::value::RawValue;

/// `$request.body.…` as the names on the way into the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection(Vec<String>);

impl Selection {
    /// Understands `$request.body.type` and `${request.body.type}`; other expressions select nothing.
    pub(super) fn new(expression: &str) -> Selection {
        let inner = expression.trim().strip_prefix('$').unwrap_or(expression);
        let inner = inner.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(inner);
        let path = inner.strip_prefix("request.body.").unwrap_or_default();
        Selection(path.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// The selected value as text, or nothing if the body is no JSON or has no such value.
    pub(super) fn key_of(&self, body: &str) -> Option<String> {
        // The values are only skipped over, not decoded: a body is as good for its route as its path is, and what
        // else it holds is the function's to judge.
        let mut value: &RawValue = serde_json::from_str(body).ok()?;
        for name in &self.0 {
            let fields: HashMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
            value = fields.get(name).copied()?;
        }
        let text = value.get();
        if self.0.is_empty() {
            None
        } else if text.starts_with('"') {
            serde_json::from_str(text).ok()
        } else {
            Some(text.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(expression: &str, body: &str) -> Option<String> {
        Selection::new(expression).key_of(body)
    }

    #[test]
    fn paths_of_any_depth_are_followed() {
        assert_eq!(key("$request.body.type", r#"{"type":"message"}"#).as_deref(), Some("message"));
        assert_eq!(key("${request.body.type}", r#"{"type":"message"}"#).as_deref(), Some("message"));
        assert_eq!(key("$request.body.a.b", r#"{"a":{"b":"c"}}"#).as_deref(), Some("c"));
    }

    #[test]
    fn what_is_not_there_selects_nothing() {
        for body in ["", "{", "null", "[]", "{}", r#"{"a":1}"#, r#"{"type":"x"} y"#] {
            assert_eq!(key("$request.body.type", body), None, "{body}");
        }
        assert_eq!(key("$request.header.x", r#"{"x":"y"}"#), None);
    }

    #[test]
    fn a_lone_surrogate_elsewhere_does_not_change_the_route() {
        let body = r#"{"message":"\ud800","type":"message"}"#;
        assert_eq!(key("$request.body.type", body).as_deref(), Some("message"));
    }
}
