//! Somebody who may win.

use serde::{Deserialize, Serialize};

/// Somebody of a session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub username: String,
}

impl Person {
    /// Somebody who was erased, and of whom the hash in the list is left.
    pub fn erased() -> Person {
        Person { user_id: String::new(), username: String::new() }
    }

    /// The id; `None` of somebody who was erased.
    pub fn shown_id(&self) -> Option<String> {
        Some(self.user_id.clone()).filter(|id| !id.is_empty())
    }

    /// The name; `None` of somebody who was erased.
    pub fn shown_name(&self) -> Option<String> {
        self.shown_id().map(|_| self.username.clone())
    }
}
