//! Who has sent something that stands, as draws enter them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::draw::person::Person;
use crate::features::messages::store::LogEntry;
use crate::platform::dynamo::{Store, StoreError};

/// Entries that are read at once.
const LOT: i32 = 2_000;

impl Store {
    /// The authors of the messages of a session that everybody sees, without staff and those who are no viewers, each with the newest name.
    pub async fn senders(&self, session_id: u64, now: Timestamp) -> Result<Vec<Person>, StoreError> {
        let (mut senders, mut apart, mut after) = (BTreeMap::new(), BTreeSet::new(), 0);
        loop {
            let entries = self.uncovered_entries_after(session_id, after, LOT, now).await?;
            let Some(last) = entries.last().map(LogEntry::seq) else { break };
            after = last;
            for message in entries.iter().filter_map(LogEntry::as_message) {
                if message.is_by_staff() || message.is_by_uncounted() {
                    apart.insert(message.user_id.clone());
                }
                senders.insert(message.user_id.clone(), message.username().to_owned());
            }
        }
        let person = |(user_id, username)| Person { user_id, username };
        Ok(senders.into_iter().filter(|(user_id, _)| !apart.contains(user_id)).map(person).collect())
    }
}
