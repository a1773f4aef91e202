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
