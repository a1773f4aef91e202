//! Opening a session: its row under the next id, in one transaction with whatever demands it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use jiff::Timestamp;
use serde::Deserialize;

use super::store::{OpenedSession, SessionRow};
use crate::domain::moderation::modes::{ModesChange, ShieldedModes};
use crate::domain::session::limits::OwnLimits;
use crate::domain::session::room::RoomName;
use crate::platform::dynamo::calls::{Consistency, item_of, number};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// What a session begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its room.
    pub room: RoomName,
    /// Its name.
    pub name: String,
    /// Its first moment.
    pub start: Timestamp,
    /// Its last moment; `None` if it never ends.
    pub end: Option<Timestamp>,
    /// What changes of the modes of the room's new sessions.
    pub modes: ModesChange,
    /// Texts by which clients find it.
    pub tags: Vec<String>,
    /// Its limits.
    pub limits: OwnLimits,
}

impl Store {
    /// The session under the next id, and the parts of the transaction that opens it. They are refused if another call takes the id, or
    /// another list of terms comes, meanwhile.
    pub(super) async fn open(&self, opening: Opening) -> Result<(OpenedSession, Vec<TransactWriteItem>), StoreError> {
        let last = self.newest_session_id().await?;
        let opened = OpenedSession {
            id: last + 1,
            name: opening.name,
            start_ms: opening.start.as_millisecond(),
            end_ms: opening.end.map(Timestamp::as_millisecond),
            // A session that never ends never expires, although its messages do.
            expires_at: opening.end.and_then(|end| self.expires_after(end, opening.limits)),
            room: opening.room,
            limits: opening.limits,
        };
        let preset = self.opening_modes(&opened.room).await?;
        let modes = ShieldedModes { modes: opening.modes.applied_to(preset), shield: None };
        let terms_version = self.newest_terms().await?;
        let differs = !modes.are_off() || terms_version > 0 || !opened.limits.are_none();
        let row = SessionRow {
            opened: opened.clone(),
            seq: 0,
            voids: 0,
            minutes: BTreeMap::new(),
            void_minutes: BTreeMap::new(),
            ended: false,
            admit_up_to: None,
            // A warm function takes the rules of a session that it does not know for those of version 0, which are off.
            rules_version: u64::from(differs),
            modes,
            terms_version,
            tags: opening.tags,
        };
        let id = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::last_session().attributes()))
            .update_expression("SET id = :next")
            .condition_expression("attribute_not_exists(pk) OR id = :last")
            .expression_attribute_values(":next", number(last + 1))
            .expression_attribute_values(":last", number(last));
        let actions = vec![
            self.put_new(&self.chat, item_of(&keys::session(opened.id), &row))?,
            id.part()?,
            // A list that is put meanwhile finds this session, or this transaction finds the list.
            self.if_newest_terms(terms_version)?,
        ];
        Ok((opened, actions))
    }

    /// The id of the newest session; 0 before the first.
    pub(crate) async fn newest_session_id(&self) -> Result<u64, StoreError> {
        #[derive(Deserialize)]
        struct LastSession {
            id: u64,
        }
        let last: Option<LastSession> = self.get(&self.chat, &keys::last_session(), Consistency::Strong).await?;
        Ok(last.map_or(0, |last| last.id))
    }
}
