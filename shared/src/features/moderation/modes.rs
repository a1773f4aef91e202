//! Modes, the shield, and the presets of both.

use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::plan::{Announced, Order, Plan};
use super::store_unfinished::Steps;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::moderation::entry::{ActorType, EntryView};
use crate::domain::moderation::modes::{Shield, ShieldedModes};
use crate::domain::moderation::presets::Presets;
use crate::domain::moderation::request::{Act, ActionRequest};
use crate::domain::session::Session;
use crate::domain::session::room::RoomName;
use crate::features::chat::Chat;
use crate::features::standing::check::Deed;

/// Tries of an act while others set the modes at the same time.
const MAX_TRIES: usize = 20;

impl Chat {
    /// Sets modes, or raises or lowers the shield.
    pub(super) async fn act_on_modes(&self, order: &Order<'_>) -> Result<EntryView, ChatError> {
        if let Some(earlier) = self.earlier_act(order, "").await? {
            return self.view(earlier).await;
        }
        let session = self.session_with_id(order.must_have_session()?).await?;
        if !session.is_open_at(self.clock.now()) {
            return Err(ChatError::session_over());
        }
        let presets = self.store.saved_presets(&session.room).await?.presets;
        for _ in 0..MAX_TRIES {
            let before = self.store.set_modes_of(session.id).await?;
            let (mut plan, next) = order.on_modes(before.modes, &presets, self.clock.now())?;
            plan.set_modes(session.id, next, self.store.replace_modes(&session, before.version, next)?);
            if let Some(entry) = self.carry_out(&plan, order.acted_key("")).await? {
                return self.view(entry).await;
            }
        }
        Err(ChatError::unavailable("others keep setting the modes of this session"))
    }

    /// Takes a shield off whose time is over, so that everybody hears of the modes that hold since. Messages are judged by the time, so
    /// nothing waits for this.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn end_shield(&self, session: &Session, modes: &ShieldedModes) -> Result<(), ChatError> {
        let now = self.clock.now();
        if modes.shield.is_none() || modes.shield_at(now).is_some() {
            return Ok(());
        }
        let before = self.store.set_modes_of(session.id).await?;
        if before.modes.shield.is_none() || before.modes.shield_at(now).is_some() {
            return Ok(self.store.enforce_modes(session.id).await?);
        }
        let mut plan = Plan::of(ActorType::System, "shield", Some(session.id), now);
        plan.entry.changes = Some(json!({ "on": false }));
        let next = ShieldedModes { shield: None, ..before.modes };
        plan.set_modes(session.id, next, self.store.replace_modes(session, before.version, next)?);
        // If others have set modes meanwhile, the next minute looks again.
        self.carry_out(&plan, None).await.map(drop)
    }

    /// The presets of a room: `GET /live-chat/moderation/presets`.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`], [`ChatError::InvalidRequest`] for the name of the room, [`ChatError::Unavailable`].
    pub async fn presets(&self, reader: &Caller, room: Option<&str>) -> Result<Presets, ChatError> {
        self.check_standing(None, reader, Deed::Moderate).await?;
        Ok(self.store.saved_presets(&reached_room(reader, room)?).await?.presets)
    }

    /// Saves presets of a room: `PUT /live-chat/moderation/presets`. Running sessions keep their modes.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] that names the field, and those of [`Chat::presets`].
    pub async fn put_presets(&self, actor: &Caller, room: Option<&str>, body: &[u8]) -> Result<Presets, ChatError> {
        self.check_standing(None, actor, Deed::Moderate).await?;
        let room = &reached_room(actor, room)?;
        let session_id = self.current_session_of(room).await.ok().map(|session| session.id);
        let pseudonym = self.store.pseudonym_of(&actor.user_id, Some(&actor.username)).await?;
        let request = ActionRequest::of(Act::PutPresets);
        let order = Order { actor, request: &request, session_id, pseudonym };
        for _ in 0..MAX_TRIES {
            let before = self.store.saved_presets(room).await?;
            let presets = before.presets.changed_by(body)?;
            let mut plan = order.plan(None, self.clock.now());
            plan.entry.changes = Some(json!({ "room": room, "presets": presets }));
            plan.rows = vec![self.store.replace_presets(room, before.version, &presets)?];
            if self.carry_out(&plan, None).await?.is_some() {
                return Ok(presets);
            }
        }
        Err(ChatError::unavailable("others keep saving presets of this room"))
    }
}

/// A room that the caller's token reaches.
fn reached_room(caller: &Caller, room: Option<&str>) -> Result<RoomName, ChatError> {
    let room = room.map_or_else(|| Ok(RoomName::main()), RoomName::parse)?;
    caller.require_room(&room)?;
    Ok(room)
}

impl Order<'_> {
    /// The plan of an act on modes, and the modes after it.
    fn on_modes(
        &self,
        modes: ShieldedModes,
        presets: &Presets,
        now: Timestamp,
    ) -> Result<(Plan, ShieldedModes), ChatError> {
        let mut plan = self.plan(None, now);
        let next = match &self.request.act {
            Act::SetModes { modes: change } => {
                plan.entry.changes = Some(json!({ "modes": change, "before": modes.modes }));
                ShieldedModes { modes: change.applied_to(modes.modes), ..modes }
            }
            Act::Shield { minutes: Some(minutes) } => {
                let until = now + SignedDuration::from_mins(*minutes);
                plan.entry.until_ms = Some(until.as_millisecond());
                plan.entry.changes = Some(json!({ "on": true, "modes": presets.shield }));
                let strict = presets.shield.applied_to(modes.modes);
                ShieldedModes { shield: Some(Shield { modes: strict, until_ms: until.as_millisecond() }), ..modes }
            }
            _ => {
                if modes.shield_at(now).is_none() {
                    return Err(ChatError::Conflict("The shield is not up".to_owned()));
                }
                plan.entry.changes = Some(json!({ "on": false }));
                ShieldedModes { shield: None, ..modes }
            }
        };
        Ok((plan, next))
    }
}

impl Plan {
    /// Sets modes by this row, unless others have set them since they were read.
    pub(super) fn set_modes(&mut self, session_id: u64, next: ShieldedModes, row: TransactWriteItem) {
        self.steps = Steps { session_id: Some(session_id), enforce_modes: true, ..std::mem::take(&mut self.steps) };
        self.rows.push(row);
        self.announced = Some(Announced::Modes(next));
    }
}
