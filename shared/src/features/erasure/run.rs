//! The run of each minute: goes on with the erasures, in slices.

use jiff::SignedDuration;
use serde_json::json;
use tokio::time::Instant;

use super::store::Erasure;
use crate::domain::error::ChatError;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{ActorType, Entry, Pseudonym};
use crate::features::chat::Chat;
use crate::features::standing::kept::BOTH_STAND_FOR;
use crate::platform::dynamo::calls::TransactionOutcome;
use crate::platform::dynamo::{StoreError, keys};

/// A slice reads 1 MB at most. None is begun after this much of a run, which has other duties, too.
const SLICES_PER_RUN: usize = 200;

impl Chat {
    /// Goes on with the erasures, until a time. The entry of a run tells how far each has come.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`]; the next run goes on.
    pub async fn go_on_erasing(&self, until: Instant) -> Result<(), ChatError> {
        let mut outcome = Ok(());
        for erasure in self.store.erasures().await? {
            let act = erasure.act.clone();
            // One that fails does not stop the others.
            if let Err(error) = self.erase_some(erasure, until).await {
                tracing::error!(action.id = act.as_str(), error = %error, "an erasure did not come further");
                outcome = Err(error);
            }
        }
        outcome
    }

    async fn erase_some(&self, mut erasure: Erasure, until: Instant) -> Result<(), ChatError> {
        let before = erasure.progress.clone();
        for _ in 0..SLICES_PER_RUN {
            if Instant::now() >= until {
                break;
            }
            if Box::pin(self.erase_slice(&mut erasure)).await? {
                return Ok(());
            }
            self.store.note_progress(&erasure).await?;
            if erasure.progress.kept_ms.is_some() {
                break;
            }
        }
        if erasure.progress.sessions > before.sessions {
            let entry = self.progress_of(&erasure, "erase_progress");
            self.put_alone(&entry, Vec::new()).await?;
        }
        Ok(())
    }

    /// One slice; whether it was the last one.
    async fn erase_slice(&self, erasure: &mut Erasure) -> Result<bool, ChatError> {
        let now = self.clock.now();
        if !erasure.progress.has_begun {
            self.store.erase_once(erasure).await?;
            erasure.progress.has_begun = true;
            return Ok(false);
        }
        let session_id = match erasure.progress.session_id {
            Some(session_id) => session_id,
            // Those that open later are not looked at: nothing of the earlier life is in them.
            None => self.store.newest_session_id().await?,
        };
        if session_id == 0 {
            return Box::pin(self.erase_at_the_end(erasure)).await;
        }
        let slice = self.store.erase_messages(erasure, session_id, erasure.progress.after, now).await?;
        erasure.progress.messages += slice.messages;
        match slice.read_to {
            Some(read_to) => (erasure.progress.session_id, erasure.progress.after) = (Some(session_id), read_to),
            None => {
                Box::pin(self.store.erase_in_session(erasure, session_id, now)).await?;
                (erasure.progress.session_id, erasure.progress.after) = (Some(session_id - 1), 0);
                erasure.progress.sessions += 1;
            }
        }
        Ok(false)
    }

    /// What holds of the user, and who that is, goes last; whether that is done.
    async fn erase_at_the_end(&self, erasure: &mut Erasure) -> Result<bool, ChatError> {
        let (now, user_id) = (self.clock.now(), erasure.user_id.as_str());
        let key = self.store.made_erasure_key().await?;
        let standing = self.store.standing(user_id).await?;
        if standing.version > 0 {
            let is_kept = self.store.keep_standing(&key, user_id, &standing, now).await?;
            if is_kept {
                let kept_ms = *erasure.progress.kept_ms.get_or_insert(now.as_millisecond());
                if SignedDuration::from_millis(now.as_millisecond() - kept_ms) < BOTH_STAND_FOR {
                    return Ok(false);
                }
            }
            // An act of this moment is kept with the next try.
            if !self.store.erase_standing(user_id, standing.version).await? {
                return Ok(false);
            }
        }
        self.store.erase_partition(&self.store.chat, &keys::person(&erasure.target).pk).await?;
        if self.store.known_pseudonym(user_id).await?.as_ref() == Some(&erasure.target) {
            self.store.erase_row(&self.store.chat, &keys::pseudonym(user_id)).await?;
        }
        let entry = self.progress_of(erasure, "erased");
        let end = self.store.end_erasure(erasure, &key.hash(user_id), now)?;
        self.put_alone(&entry, end).await?;
        tracing::info!(
            action.id = erasure.act.as_str(),
            sessions.count = erasure.progress.sessions,
            messages.count = erasure.progress.messages,
            "a user is erased"
        );
        Ok(true)
    }

    /// An entry that tells how far an erasure has come.
    fn progress_of(&self, erasure: &Erasure, action: &str) -> Entry {
        let progress = &erasure.progress;
        Entry {
            id: ActionId::at(self.clock.now()),
            action: action.to_owned(),
            actor: Pseudonym::of_nobody(),
            actor_type: ActorType::System,
            is_by_service: false,
            session_id: None,
            target: Some(erasure.target.clone()),
            message_ids: Vec::new(),
            held_id: None,
            imposed: None,
            until_ms: None,
            changes: Some(json!({
                "action_id": erasure.act,
                "sessions": progress.sessions,
                "messages": progress.messages,
            })),
        }
    }

    /// Puts an entry of the log, with other rows. If these are refused, another run has done both.
    async fn put_alone(
        &self,
        entry: &Entry,
        rows: Vec<aws_sdk_dynamodb::types::TransactWriteItem>,
    ) -> Result<(), StoreError> {
        let mut actions = rows;
        actions.extend(self.store.put_entry(entry, self.store.entry_expires_at(self.clock.now()))?);
        match self.store.transact(actions).await? {
            TransactionOutcome::Done | TransactionOutcome::Refused(_) => Ok(()),
        }
    }
}
