//! The audience of an event.
//!
//! For everybody, it is the room. Staff and a single user have few sockets, which are found without reading the room: a partition
//! lists the sockets of hosts and moderators, and a user's presence lists those of the user. That keeps the rows of a room small.

use futures_util::{StreamExt, TryStreamExt};

pub use crate::domain::broadcast::audience::Audience;
use crate::features::sockets::store_subscribers::Subscriber;
use crate::platform::dynamo::{Store, StoreError};

/// Rows that are read at once.
const CONCURRENT_READS: usize = 16;

impl Audience {
    /// The sockets of staff or of a user, strongly consistent; `None` for everybody, because that is the room.
    pub async fn subscribers(&self, store: &Store, session_id: u64) -> Result<Option<Vec<Subscriber>>, StoreError> {
        let connection_ids = match self {
            Audience::Everybody => return Ok(None),
            Audience::Staff => store.staff_sockets(session_id).await?,
            Audience::User(user_id) => store.sockets_of(session_id, user_id).await?,
        };
        // A socket whose handshake is under way, or that has closed, has no row in the room.
        let found = futures_util::stream::iter(connection_ids)
            .map(|connection_id| async move { store.subscriber(session_id, &connection_id).await })
            .buffered(CONCURRENT_READS)
            .try_collect::<Vec<_>>()
            .await?;
        Ok(Some(found.into_iter().flatten().collect()))
    }
}
