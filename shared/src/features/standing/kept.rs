//! What holds of users who were erased: their rows know no ids any more, so it lies under a keyed hash of the id
//! (docs/contract.md, Erasure).
//!
//! Nearly every user has no standing, and most chats have erased nobody who was sanctioned. So whether there is anything under a hash is known
//! to a warm function for some minutes, and the row of a user's standing stays for longer than that beside what is kept of it. Futures are boxed here:
//! nearly everything asks for a standing, and would be as large as they are.

use std::sync::Arc;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::domain::moderation::standing::{Sanction, Standing};
use crate::features::chat::Chat;
use crate::features::standing::erasure_key::ErasureKey;
use crate::platform::dynamo::calls::{Consistency, item_of};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The row of a standing stays for so long beside what is kept of it: every warm function has asked again by then.
pub const BOTH_STAND_FOR: SignedDuration = SignedDuration::from_mins(10);

#[derive(Serialize)]
struct KeptRow {
    #[serde(flatten)]
    standing: Standing,
    /// In seconds since 1970.
    expires_at: Option<i64>,
}

impl Chat {
    /// The standing of a user, strongly consistent: an act that was acknowledged before is in it. What holds of an erased user has no
    /// version, because its row is gone.
    pub async fn standing(&self, user_id: &str) -> Result<Standing, StoreError> {
        let (standing, key) = tokio::try_join!(self.store.standing(user_id), Box::pin(self.key_of_kept_standings()))?;
        match key {
            Some(key) if standing.version == 0 => Box::pin(self.store.kept_standing(&key.hash(user_id))).await,
            _ => Ok(standing),
        }
    }

    /// The standing of a user, and the part of the transaction that replaces it that takes what is kept under a hash.
    pub async fn standing_to_change(&self, user_id: &str) -> Result<(Standing, Option<TransactWriteItem>), StoreError> {
        let standing = Box::pin(self.standing(user_id)).await?;
        let key = match standing.version == 0 && standing != Standing::default() {
            true => Box::pin(self.key_of_kept_standings()).await?,
            false => None,
        };
        // It is emptied and expires: not every function that sanctions may delete rows.
        let kept = key.map(|key| {
            let row = KeptRow { standing: Standing::default(), expires_at: Some(self.clock.now().as_second()) };
            let item = item_of(&keys::kept_standing(&key.hash(user_id)), row);
            Put::builder().table_name(&self.store.chat).set_item(Some(item)).part()
        });
        Ok((standing, kept.transpose()?))
    }

    /// The key, if anything is kept under a hash.
    async fn key_of_kept_standings(&self) -> Result<Option<Arc<ErasureKey>>, StoreError> {
        let now = self.clock.now();
        if let Some(key) = self.erasure_key.at(now) {
            return Ok(key);
        }
        let key = self.store.erasure_key().await?.filter(|key| key.keeps_standings).map(Arc::new);
        self.erasure_key.note(key.clone(), now);
        Ok(key)
    }
}

impl Store {
    /// The key, if anybody was erased.
    pub async fn erasure_key(&self) -> Result<Option<ErasureKey>, StoreError> {
        self.get(&self.chat, &keys::erasure_key(), Consistency::Strong).await
    }

    /// The key. The first erasure makes it.
    pub async fn made_erasure_key(&self) -> Result<ErasureKey, StoreError> {
        loop {
            if let Some(key) = self.erasure_key().await? {
                return Ok(key);
            }
            let key = ErasureKey::random().ok_or_else(|| StoreError::new("making a key", "no random bytes"))?;
            let put = self.put_new(&self.chat, item_of(&keys::erasure_key(), key))?;
            self.transact(vec![put]).await?;
        }
    }

    async fn kept_standing(&self, hash: &str) -> Result<Standing, StoreError> {
        let kept: Option<Standing> = self.get(&self.chat, &keys::kept_standing(hash), Consistency::Strong).await?;
        Ok(kept.unwrap_or_default())
    }

    /// Keeps what holds of a user under the hash of the id: the sanctions without their texts, and whether tokens are revoked. Returns whether
    /// there was anything to keep.
    pub async fn keep_standing(
        &self,
        key: &ErasureKey,
        user_id: &str,
        standing: &Standing,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let bare = |sanction: &Sanction| Sanction { explanation: None, ..sanction.clone() };
        let sanctions: Vec<Sanction> = standing.holding(now).map(bare).collect();
        let revoked_before = standing.revoked_before;
        let hash = key.hash(user_id);
        let nothing_holds = sanctions.is_empty() && revoked_before.is_none();
        // What was kept and then lifted must not come back.
        if nothing_holds && self.kept_standing(&hash).await? == Standing::default() {
            return Ok(false);
        }
        let standing = Standing { version: 0, sanctions, revoked_before, notes: 0 };
        let ends_at =
            if nothing_holds { Some(now.as_second()) } else { standing.ends_ms().map(|ends_ms| ends_ms / 1000 + 1) };
        let row = KeptRow { expires_at: ends_at, standing };
        let key_row = ErasureKey { keeps_standings: true, ..key.clone() };
        let table = &self.chat;
        let put = |item| Put::builder().table_name(table).set_item(Some(item)).part();
        let rows = vec![put(item_of(&keys::kept_standing(&hash), row))?, put(item_of(&keys::erasure_key(), key_row))?];
        self.transact(rows).await?;
        Ok(!nothing_holds)
    }
}
