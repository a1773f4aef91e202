//! What a host asks for: the bodies of `POST` and `PATCH /live-chat/sessions` (docs/contract.md, Sessions and rooms).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::limits::{MESSAGES_PER_MINUTE, OwnLimits, RETENTION_DAYS};
use super::room::RoomName;
use super::settings::SessionSettings;
use crate::domain::error::ChatError;
use crate::domain::moderation::fields::{Fields, invalid, whole};
use crate::domain::moderation::modes::ModesChange;
use crate::domain::text;

/// In characters.
const MAX_NAME: usize = 100;
/// Tags of a session.
const MAX_TAGS: usize = 20;
/// In characters.
const MAX_TAG: usize = 64;
/// In bytes, of all tags together: the session's row, which each message changes, is billed by the kilobyte.
const MAX_TAG_BYTES: usize = 200;

/// A session that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Its name.
    pub name: String,
    /// Its room.
    pub room: RoomName,
    /// Its first moment; `None` for now.
    pub start: Option<Timestamp>,
    /// Its last moment; `None` if it never ends.
    pub end: Option<Timestamp>,
    /// What changes of the modes of the room's new sessions.
    pub modes: ModesChange,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its limits.
    pub limits: OwnLimits,
}

impl NewSession {
    /// Reads a body. Messages may have at most so many characters.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the field.
    pub fn parse(fields: &Fields, max_message_length: usize) -> Result<NewSession, ChatError> {
        let room = match fields.get("room") {
            None => RoomName::main(),
            Some(room) => RoomName::parse(room.as_str().unwrap_or_default())?,
        };
        let time_of = |name| fields.get(name).map(|value| time(name, value)).transpose();
        Ok(NewSession {
            name: name(fields.required("name")?)?,
            room,
            start: time_of("start_time")?,
            end: time_of("end_time")?,
            modes: fields.get("modes").map(|modes| ModesChange::parse("modes", modes)).transpose()?.unwrap_or_default(),
            tags: fields.get("tags").map(tags).transpose()?.unwrap_or_default(),
            limits: limits(fields, max_message_length)?,
        })
    }
}

/// A change of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionChange {
    name: Option<String>,
    /// `Some(None)`: it never ends.
    end: Option<Option<Timestamp>>,
    /// The change of its modes.
    pub modes: Option<ModesChange>,
    tags: Option<Vec<String>>,
    limits: NamedLimits,
}

/// The limits that a body names. One that is `null` is the deployment's again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NamedLimits {
    named: Vec<&'static str>,
    read: OwnLimits,
}

impl SessionChange {
    /// Reads a body. Messages may have at most so many characters.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the field, or that says that none is there.
    pub fn parse(fields: &Fields, max_message_length: usize) -> Result<SessionChange, ChatError> {
        let named: Vec<&'static str> = LIMITS.into_iter().filter(|name| fields.has(name)).collect();
        let end = match (fields.has("end_time"), fields.get("end_time")) {
            (false, _) => None,
            (true, None) => Some(None),
            (true, Some(value)) => Some(Some(time("end_time", value)?)),
        };
        let change = SessionChange {
            name: fields.get("name").map(name).transpose()?,
            end,
            modes: fields.get("modes").map(|modes| ModesChange::parse("modes", modes)).transpose()?,
            tags: fields.get("tags").map(tags).transpose()?,
            limits: NamedLimits { named, read: limits(fields, max_message_length)? },
        };
        let is_empty = change.name.is_none() && change.end.is_none() && change.tags.is_none();
        if is_empty && change.modes.is_none() && change.limits.named.is_empty() {
            return Err(invalid(
                "Name what changes: name, end_time, modes, tags, messages_per_minute, max_message_length or retention_days"
                    .to_owned(),
            ));
        }
        Ok(change)
    }

    /// These settings with the change.
    #[must_use]
    pub fn applied_to(&self, before: &SessionSettings) -> SessionSettings {
        let mut limits = before.limits;
        for name in &self.limits.named {
            match *name {
                "messages_per_minute" => limits.messages_per_minute = self.limits.read.messages_per_minute,
                "max_message_length" => limits.max_message_length = self.limits.read.max_message_length,
                _ => limits.retention_days = self.limits.read.retention_days,
            }
        }
        SessionSettings {
            version: before.version,
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            end_ms: self.end.map_or(before.end_ms, |end| end.map(Timestamp::as_millisecond)),
            tags: self.tags.clone().unwrap_or_else(|| before.tags.clone()),
            limits,
            expires_at: before.expires_at,
        }
    }

    /// Whether it moves the end.
    pub fn moves_end(&self) -> bool {
        self.end.is_some()
    }

    /// What the log tells of it: the fields that were named, as they are now.
    pub fn logged(&self, next: &SessionSettings) -> Value {
        let mut changes = json!({});
        if let Some(name) = &self.name {
            changes["name"] = json!(name);
        }
        if let Some(end) = &self.end {
            changes["end_time"] = json!(end.map(|end| end.to_string()));
        }
        if let Some(tags) = &self.tags {
            changes["tags"] = json!(tags);
        }
        if let Some(modes) = &self.modes {
            changes["modes"] = json!(modes);
        }
        let limits = json!(next.limits);
        for name in &self.limits.named {
            changes[*name] = limits[*name].clone();
        }
        changes
    }
}

const LIMITS: [&str; 3] = ["messages_per_minute", "max_message_length", "retention_days"];

fn limits(fields: &Fields, max_message_length: usize) -> Result<OwnLimits, ChatError> {
    let read = |name: &'static str, range| {
        fields.get(name).map(|value| whole(name, value, range).map(|number| number as u32)).transpose()
    };
    Ok(OwnLimits {
        messages_per_minute: read("messages_per_minute", MESSAGES_PER_MINUTE)?,
        max_message_length: read("max_message_length", 1..=max_message_length as i64)?,
        retention_days: read("retention_days", RETENTION_DAYS)?,
    })
}

fn name(value: &Value) -> Result<String, ChatError> {
    label("name", value, MAX_NAME)
}

fn tags(value: &Value) -> Result<Vec<String>, ChatError> {
    let too_many = || invalid(format!("tags must be an array of at most {MAX_TAGS} texts"));
    let values = value.as_array().filter(|values| values.len() <= MAX_TAGS).ok_or_else(too_many)?;
    let mut tags: Vec<String> = Vec::new();
    for value in values {
        let tag = label("tags", value, MAX_TAG)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.iter().map(String::len).sum::<usize>() > MAX_TAG_BYTES {
        return Err(invalid(format!("tags must have at most {MAX_TAG_BYTES} bytes together")));
    }
    Ok(tags)
}

fn label(field: &str, value: &Value, max_length: usize) -> Result<String, ChatError> {
    let label = value.as_str().and_then(text::label).filter(|label| label.chars().count() <= max_length);
    label.ok_or_else(|| invalid(format!("{field} must have 1 to {max_length} characters")))
}

/// RFC 3339; a fraction of a millisecond is dropped.
fn time(name: &str, value: &Value) -> Result<Timestamp, ChatError> {
    let time = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let time = time.and_then(|time| Timestamp::from_millisecond(time.as_millisecond()).ok());
    time.ok_or_else(|| invalid(format!("{name} must be a date and time in RFC 3339, such as 2024-01-02T20:00:00Z")))
}

#[cfg(test)]
mod tests;
