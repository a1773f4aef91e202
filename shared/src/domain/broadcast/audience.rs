//! The audience of an event: everybody, staff, or one user.

use serde::{Deserialize, Serialize};

/// The audience of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// All sockets of the session.
    #[default]
    Everybody,
    /// The sockets of hosts and moderators.
    Staff,
    /// The sockets of the user with this id.
    User(String),
}

impl Audience {
    /// Whether the audience is the whole room.
    pub fn is_everybody(&self) -> bool {
        *self == Audience::Everybody
    }
}
