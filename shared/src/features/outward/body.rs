//! What an event tells, read from the rows that it refers to: what was erased meanwhile is not told. Texts and names are in it only if the
//! operator asks for them.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::error::ChatError;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{EntryText, EntryView, Person, Pseudonym};
use crate::domain::moderation::held_id::HeldId;
use crate::domain::outward::event::{Envelope, OutwardEvent};
use crate::domain::session::details::DetailedSession;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::held::store::FoundHeld;

/// What an entry's `changes` tell without texts: the values of these are numbers, ids and words of the API.
const CODES: [&str; 27] = [
    "action",
    "action_id",
    "allow",
    "among",
    "answered",
    "before",
    "cause",
    "delete_messages",
    "draw_id",
    "end_time",
    "issued_before",
    "link_domains",
    "max_message_length",
    "messages",
    "messages_per_minute",
    "modes",
    "on",
    "poll_id",
    "presets",
    "reports",
    "retention_days",
    "room",
    "session_only",
    "sessions",
    "terms",
    "version",
    "was_hidden",
];

/// What there is to tell of an event.
#[derive(Debug)]
pub(super) enum Told {
    /// This.
    Now(Envelope),
    /// Something, from this time on.
    At(Timestamp),
    /// Nothing: its rows are gone.
    Never,
}

impl Told {
    fn of(id: String, kind: &'static str, timestamp: String, data: Value) -> Told {
        Told::Now(Envelope { id, kind, timestamp, data })
    }
}

impl Chat {
    /// What there is to tell of an event.
    pub(super) async fn told(&self, event: &OutwardEvent) -> Result<Told, ChatError> {
        let at = |time| time::to_the_millisecond(time, &self.config.sessions.zone);
        let (id, data) = (event.id(), self.data(event).await?);
        let Some(data) = data else { return Ok(Told::Never) };
        Ok(match event {
            OutwardEvent::Action { action_id } => Told::of(id, "moderation.action", at(action_id.time()), data),
            OutwardEvent::Held { held_id, .. } => Told::of(id, "message.held", at(held_id.time()), data),
            OutwardEvent::Resolved { .. } => {
                let decided: Option<ActionId> = serde_json::from_value(data["action_id"].clone()).ok();
                let decided = decided.map_or_else(|| self.clock.now(), |act| act.time());
                Told::of(id, "held.resolved", at(decided), data)
            }
            OutwardEvent::Reported { at_ms, .. } => {
                Told::of(id, "message.reported", at(time::from_millis(*at_ms)), data)
            }
            OutwardEvent::Opened { session_id } | OutwardEvent::Ended { session_id } => {
                let session = self.store.session(*session_id, self.clock.now()).await?;
                let Some(session) = session else { return Ok(Told::Never) };
                let (now, end) = (self.clock.now(), session.end);
                match event {
                    OutwardEvent::Ended { .. } => Told::of(id, "session.ended", at(end.unwrap_or(now)), data),
                    // It was cancelled.
                    _ if end.is_some_and(|end| end < session.start) => Told::Never,
                    _ if now < session.start => Told::At(session.start),
                    _ => Told::of(id, "session.opened", at(session.start), data),
                }
            }
        })
    }

    /// The data of an event's body; `None` if its rows are gone.
    async fn data(&self, event: &OutwardEvent) -> Result<Option<Value>, ChatError> {
        match event {
            OutwardEvent::Action { action_id } => self.data_of_action(action_id).await,
            OutwardEvent::Held { session_id, held_id } => self.data_of_held(*session_id, held_id).await,
            OutwardEvent::Resolved { session_id, held_id } => self.data_of_resolved(*session_id, held_id).await,
            OutwardEvent::Reported { message_id, reports, reasons, .. } => {
                let (tally, message) = tokio::try_join!(
                    self.store.tally(*message_id),
                    self.store.kept_message(*message_id, self.clock.now())
                )?;
                let message = message.filter(|_| self.config.outward.texts);
                Ok(Some(json!({
                    "message_id": message_id,
                    "session_id": message_id.session_id(),
                    "user_id": tally.map(|tally| tally.user_id),
                    "username": message.as_ref().map(|message| message.username()),
                    "message": message.as_ref().map(|message| message.text()),
                    "reports": reports,
                    "reasons": reasons,
                })))
            }
            OutwardEvent::Opened { session_id } | OutwardEvent::Ended { session_id } => {
                let session = self.store.detailed_session(*session_id, self.clock.now()).await?;
                Ok(session.map(|session| self.data_of_session(session)))
            }
        }
    }

    async fn data_of_action(&self, id: &ActionId) -> Result<Option<Value>, ChatError> {
        let Some(mut entry) = self.store.entry(id, self.clock.now()).await? else { return Ok(None) };
        let text = match self.config.outward.texts {
            true => self.store.entry_text(entry.target.as_ref().unwrap_or(&entry.actor), id).await?,
            false => EntryText::default(),
        };
        let target = async {
            match &entry.target {
                Some(target) => self.person_told(target).await.map(Some),
                None => Ok(None),
            }
        };
        let (actor, target) = tokio::try_join!(self.person_told(&entry.actor), target)?;
        if let Some(Value::Object(changes)) = entry.changes.as_mut().filter(|_| !self.config.outward.texts) {
            changes.retain(|name, _| CODES.contains(&name.as_str()));
        }
        Ok(Some(json!(EntryView::of(entry, actor, target, text, &self.config.sessions.zone))))
    }

    async fn person_told(&self, pseudonym: &Pseudonym) -> Result<Person, ChatError> {
        let person = self.store.person(pseudonym).await?;
        Ok(Person { username: person.username.filter(|_| self.config.outward.texts), ..person })
    }

    async fn data_of_held(&self, session_id: u64, id: &HeldId) -> Result<Option<Value>, ChatError> {
        let held = match self.store.held(session_id, id).await? {
            None => return Ok(None),
            Some(FoundHeld::Waiting(held) | FoundHeld::Resolved { held, .. }) => held,
        };
        let mut data = json!(held.view(&self.config.sessions.zone));
        data["session_id"] = json!(session_id);
        if !self.config.outward.texts {
            (data["message"], data["username"]) = (Value::Null, Value::Null);
        }
        Ok(Some(data))
    }

    async fn data_of_resolved(&self, session_id: u64, id: &HeldId) -> Result<Option<Value>, ChatError> {
        let Some(FoundHeld::Resolved { held, message_id, decision, action_id }) =
            self.store.held(session_id, id).await?
        else {
            return Ok(None);
        };
        Ok(Some(json!({
            "held_id": id,
            "session_id": session_id,
            "user_id": held.author.user_id,
            "username": Some(&held.author.username).filter(|_| self.config.outward.texts),
            "decision": decision,
            "message_id": message_id,
            "action_id": action_id,
        })))
    }

    fn data_of_session(&self, session: DetailedSession) -> Value {
        let mut data = json!(session.view(&self.config, self.clock.now()));
        if !self.config.outward.texts {
            (data["name"], data["tags"]) = (Value::Null, json!([]));
        }
        data
    }
}
