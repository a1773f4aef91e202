//! The modes of a session: their own row, which the act that sets them writes, and the copy in the session's row, which judges.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use serde::{Deserialize, Serialize};

use super::store::SessionRow;
use super::store_rules::Copied;
use crate::domain::moderation::modes::{Modes, ShieldedModes};
use crate::domain::moderation::presets::Presets;
use crate::domain::session::Session;
use crate::domain::session::room::RoomName;
use crate::platform::dynamo::calls::{Consistency, Item, item_of, number};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The modes of a session and how often they were set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetModes {
    /// 0 if nobody set them since the session was opened.
    pub version: u64,
    /// The modes.
    pub modes: ShieldedModes,
}

/// The presets of a room and how often they were saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPresets {
    /// 0 if nobody saved them.
    pub version: u64,
    /// The presets.
    #[serde(flatten)]
    pub presets: Presets,
}

#[derive(Serialize, Deserialize)]
struct ModesRow {
    #[serde(flatten)]
    set: SetModes,
    expires_at: Option<i64>,
}

impl Store {
    /// The modes as they were set last, strongly consistent.
    pub async fn set_modes_of(&self, session_id: u64) -> Result<SetModes, StoreError> {
        if let Some(row) = self.get::<ModesRow>(&self.chat, &keys::modes(session_id), Consistency::Strong).await? {
            return Ok(row.set);
        }
        let opened: Option<SessionRow> = self.get(&self.chat, &keys::session(session_id), Consistency::Strong).await?;
        Ok(SetModes { version: 0, modes: opened.map(|row| row.modes).unwrap_or_default() })
    }

    /// The part of an act's transaction that sets the modes. It is refused if they were set since they were read.
    pub fn replace_modes(
        &self,
        session: &Session,
        read_version: u64,
        next: ShieldedModes,
    ) -> Result<TransactWriteItem, StoreError> {
        let set = SetModes { version: read_version + 1, modes: next };
        let row = ModesRow { set, expires_at: session.expires_at };
        self.replace_version(item_of(&keys::modes(session.id), row), read_version)
    }

    /// Puts the modes that were set last in force: whatever was judged by other ones gets no number any more. Repeatable; it never
    /// replaces newer ones by older ones.
    pub async fn enforce_modes(&self, session_id: u64) -> Result<(), StoreError> {
        let set = self.set_modes_of(session_id).await?;
        self.copy_rules(session_id, Copied::Modes(set.modes, set.version)).await
    }

    /// The presets of a room: those that were saved, or those of the settings.
    pub async fn saved_presets(&self, room: &RoomName) -> Result<SavedPresets, StoreError> {
        let saved: Option<SavedPresets> = self.get(&self.chat, &keys::presets(room), Consistency::Strong).await?;
        Ok(saved.unwrap_or(SavedPresets { version: 0, presets: self.presets }))
    }

    /// The part of an act's transaction that saves the presets of a room. It is refused if they were saved since they were read.
    pub fn replace_presets(
        &self,
        room: &RoomName,
        read_version: u64,
        next: &Presets,
    ) -> Result<TransactWriteItem, StoreError> {
        let saved = SavedPresets { version: read_version + 1, presets: *next };
        self.replace_version(item_of(&keys::presets(room), saved), read_version)
    }

    /// The part of a transaction that puts the next version of a row; version 0 is none.
    pub(super) fn replace_version(&self, item: Item, read_version: u64) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.chat).set_item(Some(item));
        let put = match read_version {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            _ => put.condition_expression("version = :read").expression_attribute_values(":read", number(read_version)),
        };
        put.part()
    }

    /// The modes of a room's new session.
    pub(super) async fn opening_modes(&self, room: &RoomName) -> Result<Modes, StoreError> {
        Ok(self.saved_presets(room).await?.presets.default.applied_to(Modes::default()))
    }
}
