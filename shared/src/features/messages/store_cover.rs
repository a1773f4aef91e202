//! Purge and clear: what an act covers, and taking it back (docs/contract.md, Purge and clear).
//!
//! One row holds all acts of a session, each under the id that its caller gave it. An act covers whatever came before its own number,
//! stored or not, so a message that was being stored meanwhile is covered, too. Texts stay stored until [`super::store_removal`]
//! removes them: until then an act can be taken back, and no other act's messages come back with it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::cover::{Cover, Covers, PurgeOutcome, RESTORABLE, RestoreOutcome};
use crate::domain::session::Session;
use crate::domain::wire::log_event::LogEventKind;
use crate::features::sessions::store_event_seq::EventSeq;
use crate::platform::dynamo::calls::{Consistency, attributes_of, expiring, expiry, number, traced_item_of};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The row has at most 400 KB (DynamoDB's limit), and each act counts with its own size. Some 2,500 acts on users with ids of 36 bytes fit.
const MAX_ACTS_BYTES: usize = 380_000;
/// The size of an act beside its id and its user's id, names and the numbers' overhead included; rounded up.
const ACT_BYTES: usize = 80;
/// Numbers that an act may allocate. It needs another one if the broadcast settled its number as void.
const MAX_ALLOCATIONS: usize = 20;
/// The prefix of an act's attribute.
pub(super) const ACT: &str = "act#";

/// An act in the row of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Act {
    /// The user whose messages it covers; all if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
    pub(super) up_to: u64,
    pub(super) at_ms: i64,
    /// The time at which it was taken back, in milliseconds since 1970. It covers nothing since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) restored_ms: Option<i64>,
    /// Texts up to this number are removed already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) removed_to: Option<u64>,
}

impl Act {
    pub(super) fn cover(&self) -> Cover {
        self.user_id.clone().map_or(Cover::All, Cover::User)
    }

    pub(super) fn bytes(&self, act_id: &str) -> usize {
        ACT_BYTES + ACT.len() + act_id.len() + self.user_id.as_ref().map_or(0, String::len)
    }
}

/// The row of a session's acts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Acts {
    pub(super) acts: BTreeMap<String, Act>,
    /// Texts up to this number are removed, by clears that have left the row.
    pub(super) floor: u64,
}

impl Acts {
    fn of(row: HashMap<String, serde_json::Value>) -> Acts {
        let floor = row.get("floor").and_then(serde_json::Value::as_u64).unwrap_or_default();
        let acts = row.into_iter().filter_map(|(name, value)| {
            Some((name.strip_prefix(ACT)?.to_owned(), serde_json::from_value(value).ok()?))
        });
        Acts { acts: acts.collect(), floor }
    }

    /// The ids of the acts that cover a user's message with this number.
    pub(super) fn covering(&self, user_id: &str, seq: u64) -> impl Iterator<Item = &str> {
        let covering = self.acts.iter().filter(move |(_, act)| {
            let is_concerned = act.user_id.as_deref().is_none_or(|user| user == user_id);
            act.restored_ms.is_none() && is_concerned && seq <= act.up_to
        });
        covering.map(|(act_id, _)| act_id.as_str())
    }

    pub(super) fn covers(&self) -> Covers {
        let mut covers = Covers::default();
        covers.add(Cover::All, self.floor);
        for act in self.acts.values().filter(|act| act.restored_ms.is_none()) {
            covers.add(act.cover(), act.up_to);
        }
        covers
    }
}

/// The outcome of writing an act's row with its numbered event.
enum Written {
    Done,
    /// The number is void: the broadcast did not wait for the event.
    SeqIsVoid,
    /// The condition on the act did not hold.
    ActRefused,
}

impl Store {
    /// What is covered of a session, strongly consistent.
    pub async fn covers(&self, session_id: u64) -> Result<Covers, StoreError> {
        Ok(self.acts(session_id, Consistency::Strong).await?.covers())
    }

    pub(super) async fn acts(&self, session_id: u64, consistency: Consistency) -> Result<Acts, StoreError> {
        Ok(self.get(&self.chat, &keys::covered(session_id), consistency).await?.map(Acts::of).unwrap_or_default())
    }

    /// Covers all messages of a user, or of everybody, that have a number by now. Each step is repeatable: a call with the same
    /// `act_id` completes what a crash left, and an act that is complete stays as it is.
    pub async fn purge(
        &self,
        session: &Session,
        act_id: &str,
        cover: &Cover,
        now: Timestamp,
    ) -> Result<PurgeOutcome, StoreError> {
        let user_id = match cover {
            Cover::User(user_id) => Some(user_id.clone()),
            Cover::All => None,
        };
        let mut act = Act { user_id, up_to: 0, at_ms: now.as_millisecond(), restored_ms: None, removed_to: None };
        for _ in 0..MAX_ALLOCATIONS {
            let known = self.acts(session.id, Consistency::Strong).await?.acts;
            if let Some(known) = known.get(act_id) {
                return Ok(PurgeOutcome::Covered { up_to_seq: known.up_to });
            }
            let bytes: usize = known.iter().map(|(act_id, act)| act.bytes(act_id)).sum();
            if bytes + act.bytes(act_id) > MAX_ACTS_BYTES {
                return Ok(PurgeOutcome::TooMany);
            }
            let seq = self.allocate_event_seq(session, now).await?;
            act.up_to = match &seq {
                EventSeq::Allocated { seq, .. } => seq - 1,
                EventSeq::Ended { last_seq } => *last_seq,
            };
            let event = match cover {
                Cover::User(user_id) => LogEventKind::UserPurged { user_id: user_id.clone(), up_to_seq: act.up_to },
                Cover::All => LogEventKind::ChatCleared { up_to_seq: act.up_to },
            };
            let update = self
                .acts_update(session, "SET #act = :act")
                .condition_expression("attribute_not_exists(#act)")
                .expression_attribute_names("#act", format!("{ACT}{act_id}"))
                .expression_attribute_values(":act", AttributeValue::M(attributes_of(&act)));
            if let Written::Done = self.write_act(session, &seq, update, &event, now).await? {
                return Ok(PurgeOutcome::Covered { up_to_seq: act.up_to });
            }
        }
        Err(StoreError::new("purging", "every allocated number became void"))
    }

    /// Takes an act back: what only it covers can be read again. Repeatable, as [`Store::purge`] is.
    pub async fn restore_cover(
        &self,
        session: &Session,
        act_id: &str,
        now: Timestamp,
    ) -> Result<RestoreOutcome, StoreError> {
        for _ in 0..MAX_ALLOCATIONS {
            let mut acts = self.acts(session.id, Consistency::Strong).await?;
            let Some(act) = acts.acts.remove(act_id) else { return Ok(RestoreOutcome::TooLate) };
            let earliest_ms = (now - RESTORABLE).as_millisecond();
            let (from_seq, up_to_seq) = ((acts.covers().floor() + 1).min(act.up_to), act.up_to);
            if act.restored_ms.is_some() {
                return Ok(RestoreOutcome::Restored { from_seq, up_to_seq });
            }
            if act.at_ms < earliest_ms {
                return Ok(RestoreOutcome::TooLate);
            }
            let seq = self.allocate_event_seq(session, now).await?;
            let event = LogEventKind::MessagesRestored { from_seq, up_to_seq };
            let update = self
                .acts_update(session, "SET #act.restored_ms = :now")
                .condition_expression("attribute_exists(#act) AND attribute_not_exists(#act.restored_ms)")
                .expression_attribute_names("#act", format!("{ACT}{act_id}"))
                .expression_attribute_values(":now", number(now.as_millisecond()));
            if let Written::Done = self.write_act(session, &seq, update, &event, now).await? {
                return Ok(RestoreOutcome::Restored { from_seq, up_to_seq });
            }
        }
        Err(StoreError::new("restoring", "every allocated number became void"))
    }

    fn acts_update(&self, session: &Session, expression: &str) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::covered(session.id).attributes()))
            .update_expression(expiring(expression, session.expires_at))
            .set_expression_attribute_values(expiry(session.expires_at))
    }

    /// Writes the change of an act together with its event, so that one is never seen without the other. In a session that has ended,
    /// there is no event.
    async fn write_act(
        &self,
        session: &Session,
        seq: &EventSeq,
        update: UpdateBuilder,
        event: &LogEventKind,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        #[derive(Serialize)]
        struct EventRow<'a> {
            event: &'a LogEventKind,
            created_ms: i64,
            expires_at: Option<i64>,
        }
        let mut actions = vec![update.part()?];
        if let EventSeq::Allocated { seq, .. } = seq {
            let (created_ms, expires_at) = (now.as_millisecond(), self.history_expires_at(session, now));
            let row = EventRow { event, created_ms, expires_at };
            actions.push(self.put_new(&self.chat, traced_item_of(&keys::message(session.id, *seq), row))?);
        }
        let outcome = self.transact(actions).await?;
        let written = match (outcome.refused_action(0), outcome.refused_action(1)) {
            (true, _) => Written::ActRefused,
            (false, true) => Written::SeqIsVoid,
            (false, false) => Written::Done,
        };
        match (&written, seq) {
            (Written::Done, EventSeq::Allocated { mark, .. }) => self.remove_mark(session.id, mark).await?,
            // Another call with the same id was faster. Nothing will be stored under this number.
            (Written::ActRefused, EventSeq::Allocated { seq, .. }) => drop(self.void_seq(session, *seq, now).await?),
            (_, EventSeq::Ended { .. }) | (Written::SeqIsVoid, EventSeq::Allocated { .. }) => {}
        }
        Ok(written)
    }
}
