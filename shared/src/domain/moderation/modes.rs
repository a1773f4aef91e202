//! The modes of a session: what its messages may be (docs/contract.md, Modes).

use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::invalid;
use crate::domain::error::ChatError;
use crate::domain::number;
use crate::domain::time;

const SLOW_SECONDS: RangeInclusive<u32> = 0..=120;
const UNIQUE_SECONDS: RangeInclusive<u32> = 0..=600;
/// In minutes: 90 days at most.
const ACCOUNT_AGE: RangeInclusive<u32> = 0..=129_600;

/// The authors whose messages a session takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authors {
    /// All.
    #[default]
    Everyone,
    /// Tokens with the role `member`, and staff.
    Members,
    /// Staff.
    Staff,
}

/// The fate of messages with links to foreign addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Links {
    /// They pass.
    #[default]
    Allow,
    /// They wait for a moderator.
    Hold,
    /// They are refused.
    Block,
}

/// The modes of a session. Staff are exempt from all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Modes {
    /// The pause between two messages of a user, in seconds; 0 for none.
    pub slow_seconds: u32,
    /// The authors whose messages are taken.
    pub audience: Authors,
    /// The fate of links.
    pub links: Links,
    /// A user does not repeat a text within so many seconds; 0 allows it.
    pub unique_seconds: u32,
    /// Only messages of emoji are taken.
    pub emoji_only: bool,
    /// Each message waits for a moderator.
    pub review_all: bool,
    /// The age that an author's account must have, in minutes; 0 for none.
    pub account_age_minutes: u32,
}

/// A change of some modes: the body's `modes`, a setting, or a part of a preset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModesChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    slow_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<Authors>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_all: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_age_minutes: Option<u32>,
}

impl ModesChange {
    /// Reads an object of modes, each of which may be absent or null.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] that names an unknown mode, or one that is out of its range.
    pub fn parse(name: &str, value: &Value) -> Result<ModesChange, ChatError> {
        let modes = value.as_object().ok_or_else(|| invalid(format!("{name} must be an object of modes")))?;
        // Numbers count by value: `30.0` is 30.
        let by_value = |(mode, value): (&String, &Value)| {
            let whole = number::whole_of(value).map(|number| Value::from(number as i64));
            (mode.clone(), whole.unwrap_or_else(|| value.clone()))
        };
        let modes = Value::Object(modes.iter().map(by_value).collect());
        let change = ModesChange::deserialize(&modes).map_err(|error| invalid(format!("{name}: {error}")))?;
        for (mode, given, range) in [
            ("slow_seconds", change.slow_seconds, SLOW_SECONDS),
            ("unique_seconds", change.unique_seconds, UNIQUE_SECONDS),
            ("account_age_minutes", change.account_age_minutes, ACCOUNT_AGE),
        ] {
            if given.is_some_and(|given| !range.contains(&given)) {
                let (from, to) = (range.start(), range.end());
                return Err(invalid(format!("{name}.{mode} must be a whole number from {from} to {to}")));
            }
        }
        Ok(change)
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == ModesChange::default()
    }

    /// These modes with the change.
    #[must_use]
    pub fn applied_to(&self, modes: Modes) -> Modes {
        Modes {
            slow_seconds: self.slow_seconds.unwrap_or(modes.slow_seconds),
            audience: self.audience.unwrap_or(modes.audience),
            links: self.links.unwrap_or(modes.links),
            unique_seconds: self.unique_seconds.unwrap_or(modes.unique_seconds),
            emoji_only: self.emoji_only.unwrap_or(modes.emoji_only),
            review_all: self.review_all.unwrap_or(modes.review_all),
            account_age_minutes: self.account_age_minutes.unwrap_or(modes.account_age_minutes),
        }
    }
}

impl Modes {
    /// The change that makes these modes of those that are off.
    fn that_are_on(self) -> ModesChange {
        fn unless_off<Value: PartialEq + Default>(value: Value) -> Option<Value> {
            (value != Value::default()).then_some(value)
        }
        ModesChange {
            slow_seconds: unless_off(self.slow_seconds),
            audience: unless_off(self.audience),
            links: unless_off(self.links),
            unique_seconds: unless_off(self.unique_seconds),
            emoji_only: unless_off(self.emoji_only),
            review_all: unless_off(self.review_all),
            account_age_minutes: unless_off(self.account_age_minutes),
        }
    }
}

/// A stricter set of modes that holds for a while, whatever the modes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shield {
    /// The modes that hold.
    pub modes: Modes,
    /// Until this time, in milliseconds since 1970.
    pub until_ms: i64,
}

/// The modes of a session with its shield. Rows keep only what is not off, because the session's row is written with each message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredModes", into = "StoredModes")]
pub struct ShieldedModes {
    /// The modes, which hold where no shield does.
    pub modes: Modes,
    /// The shield, which may have ended.
    pub shield: Option<Shield>,
}

#[derive(Serialize, Deserialize)]
struct StoredModes {
    #[serde(default, rename = "is", skip_serializing_if = "ModesChange::is_empty")]
    modes: ModesChange,
    #[serde(default, skip_serializing_if = "ModesChange::is_empty")]
    shield: ModesChange,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until_ms: Option<i64>,
}

impl From<StoredModes> for ShieldedModes {
    fn from(stored: StoredModes) -> ShieldedModes {
        let shield = stored.until_ms.map(|until_ms| {
            let modes = stored.shield.applied_to(Modes::default());
            Shield { modes, until_ms }
        });
        ShieldedModes { modes: stored.modes.applied_to(Modes::default()), shield }
    }
}

impl From<ShieldedModes> for StoredModes {
    fn from(modes: ShieldedModes) -> StoredModes {
        StoredModes {
            modes: modes.modes.that_are_on(),
            shield: modes.shield.map(|shield| shield.modes.that_are_on()).unwrap_or_default(),
            until_ms: modes.shield.map(|shield| shield.until_ms),
        }
    }
}

impl ShieldedModes {
    /// The shield that holds at a time.
    pub fn shield_at(&self, now: Timestamp) -> Option<Shield> {
        self.shield.filter(|shield| now.as_millisecond() < shield.until_ms)
    }

    /// The modes that hold at a time.
    pub fn at(&self, now: Timestamp) -> Modes {
        self.shield_at(now).map_or(self.modes, |shield| shield.modes)
    }

    /// What clients see of the modes that hold at a time.
    pub fn view(&self, now: Timestamp, zone: &TimeZone) -> ModesView {
        let until = self.shield_at(now).map(|shield| time::to_the_second(time::full_second(shield.until_ms), zone));
        ModesView { modes: self.at(now), shield_until: until }
    }

    /// Whether they are those of a session in which nobody set any.
    pub fn are_off(&self) -> bool {
        *self == ShieldedModes::default()
    }
}

/// The modes that hold, as clients see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModesView {
    #[serde(flatten)]
    modes: Modes,
    /// The end of the shield that sets them; null without one.
    shield_until: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn parse(value: &Value) -> Result<ModesChange, String> {
        ModesChange::parse("modes", value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_change_touches_what_it_names() {
        let all = json!({"slow_seconds": 30, "audience": "members", "links": "block", "unique_seconds": 60,
            "emoji_only": true, "review_all": true, "account_age_minutes": 5});
        let modes = parse(&all).unwrap().applied_to(Modes::default());
        assert_eq!(serde_json::to_value(modes).unwrap(), all);
        let some = parse(&json!({"slow_seconds": 0.0, "links": null})).unwrap().applied_to(modes);
        assert_eq!(some, Modes { slow_seconds: 0, ..modes });
        assert!(parse(&json!({})).unwrap().is_empty() && parse(&json!({"links": null})).unwrap().is_empty());
    }

    #[test]
    fn a_refusal_names_the_mode() {
        for (value, named) in [
            (json!([]), "modes must be an object"),
            (json!({"slow": 3}), "slow"),
            (json!({"slow_seconds": 121}), "modes.slow_seconds must be a whole number from 0 to 120"),
            (json!({"slow_seconds": -1}), "modes: invalid value"),
            (json!({"unique_seconds": 601}), "unique_seconds"),
            (json!({"account_age_minutes": 129_601}), "account_age_minutes"),
            (json!({"audience": "friends"}), "friends"),
            (json!({"links": true}), "modes: "),
            (json!({"emoji_only": 1}), "modes: "),
        ] {
            let refusal = parse(&value).unwrap_err();
            assert!(refusal.contains(named), "{value}: {refusal}");
        }
    }

    #[test]
    fn a_shield_covers_the_modes_until_it_ends() {
        let strict = Modes { slow_seconds: 30, ..Modes::default() };
        let usual = Modes { emoji_only: true, ..Modes::default() };
        let modes = ShieldedModes { modes: usual, shield: Some(Shield { modes: strict, until_ms: 60_000 }) };
        assert_eq!((modes.at(at(59)), modes.at(at(60))), (strict, usual));
        assert!(modes.shield_at(at(60)).is_none() && !modes.are_off());
        let stored = json!({"is": {"emoji_only": true}, "shield": {"slow_seconds": 30}, "until_ms": 60_000});
        assert_eq!(serde_json::to_value(modes).unwrap(), stored);
        assert_eq!(serde_json::from_value::<ShieldedModes>(stored).unwrap(), modes);
        assert_eq!(serde_json::to_value(ShieldedModes::default()).unwrap(), json!({}));
    }
}
