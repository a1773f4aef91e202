//! The names of the staff in a room, so that messages of others under such a name can be marked.

use std::sync::Arc;

use serde::Deserialize;

use crate::domain::caller::Caller;
use crate::domain::text::look_alike::Looks;
use crate::features::chat::Chat;
use crate::features::presence::known_staff::Member;
use crate::platform::dynamo::calls::text;
use crate::platform::dynamo::{Store, StoreError, keys};

/// A member of the staff in a room, by a socket. Rows of older versions tell neither the user nor the name.
#[derive(Clone, Debug, Deserialize)]
pub struct StaffSocket {
    user_id: Option<String>,
    username: Option<String>,
}

impl Chat {
    /// Whether the author's name can be taken for that of another member of the staff in the room, and the author is not of the staff.
    /// Staff are known some seconds after they have come. The mark is a help for readers: a list that cannot be read refuses no message.
    pub(crate) async fn resembles_staff(&self, session_id: u64, author: &Caller) -> bool {
        if author.is_staff() {
            return false;
        }
        match self.staff_of(session_id).await {
            Ok(members) if members.is_empty() => false,
            Ok(members) => {
                let looks = Looks::of(&author.username);
                members.iter().any(|member| member.user_id != author.user_id && member.looks.resemble(&looks))
            }
            Err(error) => {
                tracing::warn!(session.id = session_id, error = %error, "the names of the staff could not be read");
                false
            }
        }
    }

    async fn staff_of(&self, session_id: u64) -> Result<Arc<[Member]>, StoreError> {
        let now = self.clock.now();
        if let Some(members) = self.staff.of(session_id, now) {
            return Ok(members);
        }
        let sockets = self.store.staff_names(session_id).await?;
        let members = sockets.into_iter().filter_map(|StaffSocket { user_id, username }| {
            Some(Member { user_id: user_id?, looks: Looks::of(&username?) })
        });
        let members = members.collect();
        self.staff.note(session_id, now, &members);
        Ok(members)
    }
}

impl Store {
    /// The staff of a room, one for each socket.
    pub async fn staff_names(&self, session_id: u64) -> Result<Vec<StaffSocket>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.connections)
            .key_condition_expression("pk = :staff")
            .projection_expression("user_id, username")
            .expression_attribute_values(":staff", text(keys::staff(session_id)));
        self.query_all(query).await
    }
}
