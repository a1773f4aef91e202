//! Those who are no viewers, such as bots, overlays and consoles: their sockets are limited and looked after like any others, in a
//! partition that nobody counts. Older versions do not know it, and so do not count it either.

use jiff::Timestamp;

use crate::domain::caller::Caller;
use crate::domain::session::Session;
use crate::features::presence::store::{Presence, SocketAdmission};
use crate::platform::dynamo::calls::{Consistency, WriteOutcome};
use crate::platform::dynamo::{Store, StoreError, keys};

/// Whether a user's sockets make a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// They do.
    Counted,
    /// They do not.
    Uncounted,
}

impl Counting {
    /// That of a caller.
    pub fn of(caller: &Caller) -> Counting {
        if caller.is_uncounted { Counting::Uncounted } else { Counting::Counted }
    }
}

impl Store {
    /// Adds a caller's socket. A viewer is seen by that.
    pub async fn admit_socket(
        &self,
        session: &Session,
        caller: &Caller,
        connection_id: &str,
        now: Timestamp,
    ) -> Result<SocketAdmission, StoreError> {
        if Counting::of(caller) == Counting::Counted {
            return self.add_socket(session, caller, connection_id, now).await;
        }
        let key = keys::uncounted_user(session.id, &caller.user_id);
        Ok(match self.add_socket_to(&key, &caller.username, connection_id, now).await? {
            WriteOutcome::Done(_) => SocketAdmission::Granted,
            WriteOutcome::Refused(_) => SocketAdmission::TooManySockets,
        })
    }

    /// Removes a user's socket. After the last one, the user is not there any more.
    pub async fn dismiss_socket(
        &self,
        session_id: u64,
        counting: Counting,
        user_id: &str,
        connection_id: &str,
    ) -> Result<(), StoreError> {
        if counting == Counting::Counted {
            return self.remove_socket(session_id, user_id, connection_id).await;
        }
        match self.remove_socket_from(&keys::uncounted_user(session_id, user_id), connection_id).await? {
            Some(after) if after.sockets.is_empty() => self.forget(session_id, counting, &after).await,
            _ => Ok(()),
        }
    }

    /// Everybody in a session, viewers first.
    pub async fn everybody(&self, session_id: u64) -> Result<Vec<(Counting, Presence)>, StoreError> {
        let (viewers, uncounted) =
            tokio::try_join!(self.viewers(session_id), self.presences_in(keys::uncounted(session_id)))?;
        let viewers = viewers.into_iter().map(|presence| (Counting::Counted, presence));
        Ok(viewers.chain(uncounted.into_iter().map(|presence| (Counting::Uncounted, presence))).collect())
    }

    /// The connection ids of a user's open sockets, those that make a viewer and those that do not.
    pub async fn sockets_of(&self, session_id: u64, user_id: &str) -> Result<Vec<String>, StoreError> {
        let uncounted = keys::uncounted_user(session_id, user_id);
        let (viewer, uncounted): (_, Option<Presence>) = tokio::try_join!(
            self.presence(session_id, user_id),
            self.get(&self.connections, &uncounted, Consistency::Strong)
        )?;
        Ok(viewer.into_iter().chain(uncounted).flat_map(|presence| presence.sockets).collect())
    }

    /// The number of open sockets that count against a caller's limit.
    pub async fn socket_count(&self, session_id: u64, caller: &Caller) -> Result<usize, StoreError> {
        let presence: Option<Presence> = match Counting::of(caller) {
            Counting::Counted => self.presence(session_id, &caller.user_id).await?,
            Counting::Uncounted => {
                let key = keys::uncounted_user(session_id, &caller.user_id);
                self.get(&self.connections, &key, Consistency::Strong).await?
            }
        };
        Ok(presence.map_or(0, |presence| presence.sockets.len()))
    }

    /// Forgets a user, unless there is a socket, or the user was seen after this row was read.
    pub async fn forget(&self, session_id: u64, counting: Counting, presence: &Presence) -> Result<(), StoreError> {
        let forgotten = match counting {
            Counting::Counted => self.forget_viewer(session_id, presence).await,
            Counting::Uncounted => {
                self.forget_presence(&keys::uncounted_user(session_id, &presence.user_id), presence).await
            }
        };
        forgotten.map(drop)
    }
}
