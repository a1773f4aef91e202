//! What a host or moderator asks for: the body of `POST /live-chat/moderation/actions` (docs/contract.md, Moderation).

mod act;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

pub use self::act::{Act, Holds, Named, Users};
use super::action_id::ActionId;
use super::fields::{Fields, invalid, whole};
use super::held_id::HeldId;
use super::modes::ModesChange;
use crate::domain::caller::{parse_numeric_date, parse_user_id};
use crate::domain::error::ChatError;
use crate::domain::message::{ClientMessageId, MessageId};
use crate::domain::text::display_name::DisplayName;

/// Users or messages of one action.
const MAX_IN_BULK: usize = 100;
/// In characters.
const MAX_REASON: usize = 500;
/// In characters.
const MAX_EXPLANATION: usize = 300;
/// In characters.
const MAX_NOTE: usize = 500;
/// In seconds: two weeks, as long as a timeout may last elsewhere in the field.
const MAX_TIMEOUT: i64 = 1_209_600;

/// In minutes: a day.
const MAX_SHIELD: i64 = 1_440;
/// In minutes.
const DEFAULT_SHIELD: i64 = 60;

/// The names of all actions.
const NAMES: [&str; 19] = [
    "delete",
    "timeout",
    "ban",
    "shadow_ban",
    "lift",
    "disconnect",
    "purge",
    "clear",
    "restore",
    "set_modes",
    "shield",
    "note",
    "revoke_tokens",
    "erase",
    "dismiss_reports",
    "pin",
    "unpin",
    "approve",
    "deny",
];

/// An action that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRequest {
    /// The act.
    pub act: Act,
    /// Why, for staff alone.
    pub reason: Option<String>,
    /// Why, for the user.
    pub explanation: Option<String>,
    /// The session, if it is named.
    pub session_id: Option<u64>,
    /// The client's key, which makes the action repeatable.
    pub client_action_id: Option<ClientMessageId>,
    /// The person for whom a server of the customer acts.
    pub acting_for: Option<ActingFor>,
}

/// The person for whom a server of the customer acts (docs/contract.md, Who may do what).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActingFor {
    /// Its id among the customer's users.
    pub user_id: String,
    /// Its name, if the server tells it.
    pub username: Option<String>,
}

impl ActionRequest {
    /// A request without anything beside its act.
    pub fn of(act: Act) -> ActionRequest {
        ActionRequest {
            act,
            reason: None,
            explanation: None,
            session_id: None,
            client_action_id: None,
            acting_for: None,
        }
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the field.
    pub fn parse(body: &[u8]) -> Result<ActionRequest, ChatError> {
        let fields = Fields::parse(body)?;
        ActionRequest::with(act(&fields)?, &fields)
    }

    /// This act, with what else a body tells of it.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the field.
    pub fn with(act: Act, fields: &Fields) -> Result<ActionRequest, ChatError> {
        Ok(ActionRequest {
            act,
            reason: fields.prose("reason", MAX_REASON)?,
            explanation: fields.prose("explanation", MAX_EXPLANATION)?,
            session_id: fields.get("session_id").map(session_id).transpose()?,
            client_action_id: fields.key("client_action_id")?,
            acting_for: fields.get("acting_for").map(acting_for).transpose()?,
        })
    }
}

fn act(fields: &Fields) -> Result<Act, ChatError> {
    let name = fields.required("action")?;
    let one_message = || message_id("message_id", fields.required("message_id")?);
    let users = || named(fields, "users", ["user_id", "user_ids"], user_id_of);
    Ok(match name.as_str().unwrap_or_default() {
        "delete" => Act::Delete {
            message_ids: list("message_ids", fields.required("message_ids")?, |id| message_id("message_ids", id))?,
        },
        "timeout" => Act::Timeout {
            users: users()?,
            seconds: whole("seconds", fields.required("seconds")?, 1..=MAX_TIMEOUT)?,
            delete_messages: fields.flag("delete_messages")?,
        },
        "ban" => Act::Ban {
            users: users()?,
            session_only: fields.flag("session_only")?,
            delete_messages: fields.flag("delete_messages")?,
        },
        "shadow_ban" => Act::ShadowBan { users: users()? },
        "lift" => Act::Lift { users: users()? },
        "disconnect" => Act::Disconnect { users: users()? },
        "purge" => Act::Purge { users: users()? },
        "clear" => Act::Clear,
        "restore" => Act::Restore { action_id: action_id(fields.required("action_id")?)? },
        "set_modes" => Act::SetModes { modes: modes(fields.required("modes")?)? },
        "shield" => Act::Shield { minutes: shield_minutes(fields)? },
        "note" => Act::Note {
            user_id: user_id_of("user_id", fields.required("user_id")?)?,
            text: fields.prose("text", MAX_NOTE)?.ok_or_else(|| invalid("text is missing".to_owned()))?,
        },
        "dismiss_reports" => Act::DismissReports { message_id: one_message()? },
        "pin" => Act::Pin { message_id: one_message()? },
        "unpin" => Act::Unpin { message_id: one_message()? },
        "revoke_tokens" => Act::RevokeTokens {
            user_id: user_id_of("user_id", fields.required("user_id")?)?,
            issued_before: fields.get("issued_before").map(time).transpose()?,
        },
        "erase" => Act::Erase { user_id: user_id_of("user_id", fields.required("user_id")?)? },
        "approve" => Act::Approve { holds: named(fields, "held messages", ["held_id", "held_ids"], held_id)? },
        "deny" => Act::Deny { holds: named(fields, "held messages", ["held_id", "held_ids"], held_id)? },
        _ => {
            return Err(invalid(format!("action must be one of {}", NAMES.join(", "))));
        }
    })
}

/// Reads one id, or many, of the fields `one` and `many`.
fn named<Id: Ord + Clone>(
    fields: &Fields,
    what: &str,
    [one, many]: [&str; 2],
    read: impl Fn(&str, &Value) -> Result<Id, ChatError>,
) -> Result<Named<Id>, ChatError> {
    match (fields.get(one), fields.get(many)) {
        (Some(id), None) => read(one, id).map(Named::One),
        (None, Some(ids)) => list(many, ids, |id| read(many, id)).map(Named::Many),
        _ => Err(invalid(format!("Name the {what}: either {one} or {many}"))),
    }
}

/// Reads an array of 1 to 100 members. One that stands there twice counts once.
fn list<Member: Ord + Clone>(
    name: &str,
    value: &Value,
    read: impl Fn(&Value) -> Result<Member, ChatError>,
) -> Result<Vec<Member>, ChatError> {
    let values = value.as_array().filter(|values| (1..=MAX_IN_BULK).contains(&values.len()));
    let values = values.ok_or_else(|| invalid(format!("{name} must be an array of 1 to {MAX_IN_BULK} ids")))?;
    let mut known = BTreeSet::new();
    let mut members = Vec::with_capacity(values.len());
    for value in values {
        let member = read(value)?;
        if known.insert(member.clone()) {
            members.push(member);
        }
    }
    Ok(members)
}

fn modes(value: &Value) -> Result<ModesChange, ChatError> {
    let change = ModesChange::parse("modes", value)?;
    if change.is_empty() { Err(invalid("modes names none".to_owned())) } else { Ok(change) }
}

fn shield_minutes(fields: &Fields) -> Result<Option<i64>, ChatError> {
    fields.required("on")?;
    let minutes = fields.get("minutes").map(|minutes| whole("minutes", minutes, 1..=MAX_SHIELD)).transpose()?;
    Ok(fields.flag("on")?.then_some(minutes.unwrap_or(DEFAULT_SHIELD)))
}

fn user_id_of(name: &str, value: &Value) -> Result<String, ChatError> {
    parse_user_id(value).map_err(|_| invalid(format!("{name} must be the id of a user, of 1 to 255 bytes")))
}

fn message_id(name: &str, value: &Value) -> Result<MessageId, ChatError> {
    let id = crate::domain::number::whole_of(value).map(|id| id.to_string());
    let id = id.as_deref().or_else(|| value.as_str()).and_then(|id| MessageId::parse(id).ok());
    id.ok_or_else(|| {
        invalid(match name {
            "message_id" => "message_id must be the id of a message".to_owned(),
            _ => format!("{name} must be ids of messages"),
        })
    })
}

fn action_id(value: &Value) -> Result<ActionId, ChatError> {
    let id = value.as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| invalid("action_id must be the id of an action".to_owned()))
}

fn held_id(name: &str, value: &Value) -> Result<HeldId, ChatError> {
    let id = value.as_str().and_then(|id| HeldId::parse(id).ok());
    id.ok_or_else(|| invalid(format!("{name} must be the id of a held message")))
}

fn session_id(value: &Value) -> Result<u64, ChatError> {
    let id = crate::domain::number::whole_of(value).and_then(|id| u64::try_from(id).ok());
    let digits = value.as_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    id.or_else(|| digits?.parse().ok()).ok_or_else(|| invalid("session_id is a whole number".to_owned()))
}

fn acting_for(value: &Value) -> Result<ActingFor, ChatError> {
    if !value.is_object() {
        return Err(invalid("acting_for must be an object with the user_id of a person".to_owned()));
    }
    let username = match &value["username"] {
        Value::Null => None,
        Value::String(name) => DisplayName::parse(name).map(DisplayName::into_string),
        _ => return Err(invalid("acting_for.username must be a text".to_owned())),
    };
    Ok(ActingFor { user_id: user_id_of("acting_for.user_id", &value["user_id"])?, username })
}

/// Seconds since 1970, or RFC 3339. A fraction of a second is dropped.
fn time(value: &Value) -> Result<i64, ChatError> {
    let by_date = || value.as_str()?.parse::<Timestamp>().ok().map(|time| time.as_second());
    let seconds = parse_numeric_date(value).or_else(by_date);
    seconds.ok_or_else(|| invalid("issued_before must be seconds since 1970, or a date in RFC 3339".to_owned()))
}

#[cfg(test)]
mod tests;
