//! The sets of modes that a room keeps: those of its new sessions, and those of its shield.

use serde::{Deserialize, Serialize};

use super::fields::{Fields, invalid};
use super::modes::ModesChange;
use crate::domain::error::ChatError;

/// The presets of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presets {
    /// What a new session starts with.
    pub default: ModesChange,
    /// What the shield changes of the modes that it covers.
    pub shield: ModesChange,
}

impl Presets {
    /// These presets, changed by the body of `PUT /live-chat/moderation/presets`.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] that names the field.
    pub fn changed_by(self, body: &[u8]) -> Result<Presets, ChatError> {
        let fields = Fields::parse(body)?;
        let read = |name, before| match fields.get(name) {
            Some(value) => ModesChange::parse(name, value),
            None if fields.has(name) => Err(invalid(format!("{name} must be an object of modes"))),
            None => Ok(before),
        };
        if !fields.has("default") && !fields.has("shield") {
            return Err(invalid("Name the presets: default, shield or both".to_owned()));
        }
        Ok(Presets { default: read("default", self.default)?, shield: read("shield", self.shield)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_replaces_the_presets_that_it_names() {
        let before = Presets::default().changed_by(br#"{"default": {"slow_seconds": 5}}"#).unwrap();
        let after = before.changed_by(br#"{"shield": {"links": "block"}}"#).unwrap();
        assert_eq!((after.default, after.shield == before.shield), (before.default, false));
        for (body, named) in [
            ("{}", "default"),
            ("[]", "object"),
            (r#"{"default": {}, "shield": null}"#, "shield must be an object"),
            (r#"{"default": {"slow_seconds": 500}}"#, "default.slow_seconds"),
            (r#"{"shield": {"x": 1}}"#, "shield"),
        ] {
            let refusal = before.changed_by(body.as_bytes()).unwrap_err().to_string();
            assert!(refusal.contains(named), "{body}: {refusal}");
        }
    }
}
