//! The sockets that an event is for.
//!
//! Everybody is the room. Staff and a single user are few: they are found without reading the room, by a partition that lists the
//! sockets of hosts and moderators, and by the user's presence. So the rows of a large room stay as small as they are.

use futures_util::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use crate::features::sockets::store::Subscriber;
use crate::platform::dynamo::{Store, StoreError};

/// Rows that are read at once.
const CONCURRENT_READS: usize = 16;

/// Whom an event is for.
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
    /// Whether it is all sockets.
    pub fn is_everybody(&self) -> bool {
        *self == Audience::Everybody
    }

    /// The sockets of a few, strongly consistent; `None` for everybody, whom the room lists.
    pub async fn subscribers(&self, store: &Store, session_id: u64) -> Result<Option<Vec<Subscriber>>, StoreError> {
        let connection_ids = match self {
            Audience::Everybody => return Ok(None),
            Audience::Staff => store.staff_sockets(session_id).await?,
            Audience::User(user_id) => {
                store.presence(session_id, user_id).await?.map(|presence| presence.sockets).unwrap_or_default()
            }
        };
        // A socket that is still opening, or has closed, has no row in the room.
        let found = futures_util::stream::iter(connection_ids)
            .map(|connection_id| async move { store.subscriber(session_id, &connection_id).await })
            .buffered(CONCURRENT_READS)
            .try_collect::<Vec<_>>()
            .await?;
        Ok(Some(found.into_iter().flatten().collect()))
    }
}
