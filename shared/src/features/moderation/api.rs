//! The responses of the routes of moderation.

use serde::Serialize;

use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::entry::EntryView;

/// The response of `POST /live-chat/moderation/actions`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum ActionResponse {
    /// One act.
    One(Box<EntryView>),
    /// Acts in bulk.
    Many {
        /// The acts that are in force.
        actions: Vec<EntryView>,
        /// Those that were refused, each for itself.
        refused: Vec<Refused>,
    },
}

/// A user on whom an act was refused.
#[derive(Debug, Serialize)]
pub struct Refused {
    pub(super) id: String,
    pub(super) code: &'static str,
}

impl Refused {
    /// The part of an act in bulk that concerns this id. A failure of a dependency ends the whole act.
    pub(super) fn of<Done>(id: &str, outcome: Result<Done, ChatError>) -> Result<Result<Done, Refused>, ChatError> {
        match outcome {
            Err(failure @ ChatError::Unavailable(_)) => Err(failure),
            Err(refusal) => Ok(Err(Refused { id: id.to_owned(), code: refusal.code() })),
            Ok(done) => Ok(Ok(done)),
        }
    }
}

impl ActionResponse {
    pub(super) fn one(entry: EntryView) -> ActionResponse {
        ActionResponse::One(Box::new(entry))
    }

    pub(super) fn many(acts: Vec<Result<EntryView, Refused>>) -> ActionResponse {
        let (mut actions, mut refused) = (Vec::new(), Vec::new());
        for act in acts {
            match act {
                Ok(entry) => actions.push(entry),
                Err(refusal) => refused.push(refusal),
            }
        }
        ActionResponse::Many { actions, refused }
    }
}

/// The response of `GET /live-chat/moderation/actions`.
#[derive(Debug, Serialize)]
pub struct LogResponse {
    pub(super) actions: Vec<EntryView>,
    pub(super) has_more: bool,
    /// The id before which the next page begins.
    pub(super) next_before: Option<crate::domain::moderation::action_id::ActionId>,
}

/// The response of `POST /live-chat/questions/{message_id}/answered`.
#[derive(Debug, Serialize)]
pub struct AnsweredResponse {
    pub(super) message_id: MessageId,
    pub(super) answered: bool,
}
