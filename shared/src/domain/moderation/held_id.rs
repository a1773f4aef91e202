//! The id of a held message.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::action_id::{ActionId, NotAnActionId};

/// The id of a held message: opaque to clients, and sorted by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeldId(ActionId);

impl HeldId {
    /// An id of this time that nobody can guess.
    pub fn at(now: Timestamp) -> HeldId {
        HeldId(ActionId::at(now))
    }

    /// The id before which all ids of this time and later sort.
    pub fn first_at(time: Timestamp) -> HeldId {
        HeldId(ActionId::first_at(time))
    }

    /// Reads an id.
    ///
    /// # Errors
    /// [`NotAnActionId`] for a text of another form.
    pub fn parse(text: &str) -> Result<HeldId, NotAnActionId> {
        text.parse().map(HeldId)
    }

    /// The id as clients see it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The time at which the message was held, to the millisecond.
    pub fn time(&self) -> Timestamp {
        self.0.time()
    }
}
