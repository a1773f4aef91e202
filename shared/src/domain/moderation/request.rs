//! What a host or moderator asks for: the body of `POST /live-chat/moderation/actions` (docs/contract.md, Moderation).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::action_id::ActionId;
use super::fields::{Fields, invalid, whole};
use super::held_id::HeldId;
use super::modes::ModesChange;
use crate::domain::caller::{Capability, parse_numeric_date, parse_user_id};
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
const NAMES: [&str; 15] = [
    "delete",
    "timeout",
    "ban",
    "lift",
    "disconnect",
    "purge",
    "clear",
    "restore",
    "set_modes",
    "shield",
    "note",
    "revoke_tokens",
    "dismiss_reports",
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

/// An act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Messages are deleted.
    Delete {
        /// Their ids: 1 to 100, each once.
        message_ids: Vec<MessageId>,
    },
    /// The users may not send, react or report for so long.
    Timeout {
        /// The users.
        users: Users,
        /// Its length, in seconds.
        seconds: i64,
        /// Whether their messages of the session go, too.
        delete_messages: bool,
    },
    /// The users may not send, react, report or open a socket.
    Ban {
        /// The users.
        users: Users,
        /// Whether it holds in the session alone.
        session_only: bool,
        /// Whether their messages of the session go, too.
        delete_messages: bool,
    },
    /// Whatever holds of a timeout and a ban ends.
    Lift {
        /// The users.
        users: Users,
    },
    /// The users' sockets are closed.
    Disconnect {
        /// The users.
        users: Users,
    },
    /// The users' messages of the session go.
    Purge {
        /// The users.
        users: Users,
    },
    /// All messages of the session go.
    Clear,
    /// What an act took is back: a purge, a clear, or a sanction with `delete_messages`.
    Restore {
        /// The act.
        action_id: ActionId,
    },
    /// Modes of the session are set.
    SetModes {
        /// Those that are set.
        modes: ModesChange,
    },
    /// The strict set of modes is put over the others, or taken off.
    Shield {
        /// For so many minutes; `None` takes it off.
        minutes: Option<i64>,
    },
    /// The presets of a room are saved: `PUT /live-chat/moderation/presets`.
    PutPresets,
    /// The reports of a message are dealt with. It is back if they have hidden it.
    DismissReports {
        /// The message.
        message_id: MessageId,
    },
    /// Staff read it in the user's card.
    Note {
        /// The user.
        user_id: String,
        /// The note.
        text: String,
    },
    /// Tokens that were issued earlier do not count any more.
    RevokeTokens {
        /// The user.
        user_id: String,
        /// In whole seconds since 1970; `None` for now.
        issued_before: Option<i64>,
    },
    /// Held messages take the next numbers.
    Approve {
        /// The messages.
        holds: Holds,
    },
    /// Held messages are not stored.
    Deny {
        /// The messages.
        holds: Holds,
    },
}

/// The held messages of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// `held_id`. The answer is the entry itself.
    One(HeldId),
    /// `held_ids`: 1 to 100, each once. The answer is a list.
    Many(Vec<HeldId>),
}

impl Holds {
    fn parse(fields: &Fields) -> Result<Holds, ChatError> {
        match (fields.get("held_id"), fields.get("held_ids")) {
            (Some(id), None) => held_id("held_id", id).map(Holds::One),
            (None, Some(ids)) => list("held_ids", ids, |id| held_id("held_ids", id)).map(Holds::Many),
            _ => Err(invalid("Name the held messages: either held_id or held_ids".to_owned())),
        }
    }
}

/// The users of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Users {
    /// `user_id`. The answer is the entry itself.
    One(String),
    /// `user_ids`: 1 to 100, each once. The answer is a list.
    Many(Vec<String>),
}

impl Users {
    /// Their ids.
    pub fn ids(&self) -> &[String] {
        match self {
            Users::One(user_id) => std::slice::from_ref(user_id),
            Users::Many(user_ids) => user_ids,
        }
    }

    fn parse(fields: &Fields) -> Result<Users, ChatError> {
        match (fields.get("user_id"), fields.get("user_ids")) {
            (Some(user_id), None) => Ok(Users::One(user_id_of("user_id", user_id)?)),
            (None, Some(user_ids)) => list("user_ids", user_ids, |id| user_id_of("user_ids", id)).map(Users::Many),
            _ => Err(invalid("Name the users: either user_id or user_ids".to_owned())),
        }
    }
}

impl Act {
    /// The name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Act::Delete { .. } => "delete",
            Act::Timeout { .. } => "timeout",
            Act::Ban { .. } => "ban",
            Act::Lift { .. } => "lift",
            Act::Disconnect { .. } => "disconnect",
            Act::Purge { .. } => "purge",
            Act::Clear => "clear",
            Act::Restore { .. } => "restore",
            Act::SetModes { .. } => "set_modes",
            Act::Shield { .. } => "shield",
            Act::PutPresets => "put_presets",
            Act::Note { .. } => "note",
            Act::RevokeTokens { .. } => "revoke_tokens",
            Act::DismissReports { .. } => "dismiss_reports",
            Act::Approve { .. } => "approve",
            Act::Deny { .. } => "deny",
        }
    }

    /// What the actor's token must have.
    pub fn capability(&self) -> Capability {
        match self {
            Act::RevokeTokens { .. } | Act::PutPresets => Capability::Manage,
            _ => Capability::Moderate,
        }
    }

    /// The session of the message that it is about, if it is about one.
    pub fn session_of_message(&self) -> Option<u64> {
        match self {
            Act::DismissReports { message_id } => Some(message_id.session_id()),
            _ => None,
        }
    }

    /// Whether it is an act against its users, which nobody of an equal or lower rank may do.
    pub fn is_bound_by_rank(&self) -> bool {
        matches!(
            self,
            Act::Timeout { .. }
                | Act::Ban { .. }
                | Act::Lift { .. }
                | Act::Disconnect { .. }
                | Act::Purge { .. }
                | Act::RevokeTokens { .. }
        )
    }
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
        Ok(ActionRequest {
            act: act(&fields)?,
            reason: fields.prose("reason", MAX_REASON)?,
            explanation: fields.prose("explanation", MAX_EXPLANATION)?,
            session_id: fields.get("session_id").map(session_id).transpose()?,
            client_action_id: fields.get("client_action_id").map(client_action_id).transpose()?,
            acting_for: fields.get("acting_for").map(acting_for).transpose()?,
        })
    }
}

fn act(fields: &Fields) -> Result<Act, ChatError> {
    let name = fields.required("action")?;
    let users = || Users::parse(fields);
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
        "dismiss_reports" => {
            Act::DismissReports { message_id: message_id("message_id", fields.required("message_id")?)? }
        }
        "revoke_tokens" => Act::RevokeTokens {
            user_id: user_id_of("user_id", fields.required("user_id")?)?,
            issued_before: fields.get("issued_before").map(time).transpose()?,
        },
        "approve" => Act::Approve { holds: Holds::parse(fields)? },
        "deny" => Act::Deny { holds: Holds::parse(fields)? },
        _ => {
            return Err(invalid(format!("action must be one of {}", NAMES.join(", "))));
        }
    })
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

fn client_action_id(value: &Value) -> Result<ClientMessageId, ChatError> {
    let text = value.as_str().ok_or_else(|| invalid("client_action_id must be a text".to_owned()))?;
    ClientMessageId::parse(text).map_err(|error| invalid(error.to_string().replace("message", "action")))
}

/// Seconds since 1970, or RFC 3339. A fraction of a second is dropped.
fn time(value: &Value) -> Result<i64, ChatError> {
    let by_date = || value.as_str()?.parse::<Timestamp>().ok().map(|time| time.as_second());
    let seconds = parse_numeric_date(value).or_else(by_date);
    seconds.ok_or_else(|| invalid("issued_before must be seconds since 1970, or a date in RFC 3339".to_owned()))
}

#[cfg(test)]
mod tests;
