//! Stream records in: the pending work of each session.

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use jiff::Timestamp;
use serde::Deserialize;

use crate::broadcast::pending::{Cause, Pending};
use crate::broadcast::topic::{RowState, Topic};
use crate::broadcast::wake_up::WakeUp;
use crate::platform::dynamo::changed_row::ChangedRow;
use crate::platform::trace::TraceId;

/// The content of a batch of records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The number of records.
    pub records: usize,
    /// The pending work by session.
    pub sessions: BTreeMap<u64, Pending>,
    /// The trace ids of the requests that changed the rows.
    pub traces: BTreeSet<TraceId>,
}

impl Batch {
    /// Reads the records of an event. Records of rows that concern no room are skipped.
    pub fn read(event: Event) -> Batch {
        let mut batch = Batch { records: event.records.len(), ..Batch::default() };
        let now_ms = Timestamp::now().as_millisecond();
        for Change { row, effect, trace, changed_ms, created_ms } in event.records.into_iter().filter_map(Change::read)
        {
            let pending = batch.sessions.entry(row.session_id()).or_default();
            batch.traces.extend(trace.clone());
            effect.add_to(pending, trace);
            pending.changed_ms = pending.changed_ms.max(changed_ms);
            pending.waited_ms = pending.waited_ms.max(now_ms - created_ms);
        }
        batch
    }
}

/// A changed row that concerns a session's room.
struct Change {
    row: ChangedRow,
    effect: Effect,
    /// The request that changed it.
    trace: Option<TraceId>,
    /// The time at which a message was deleted or its likes changed, in milliseconds since 1970.
    changed_ms: i64,
    /// The time of the record by the stream's clock, to the second, in milliseconds since 1970.
    created_ms: i64,
}

/// The work that a changed row leads to.
enum Effect {
    /// Look at the session, and nothing else.
    Look,
    /// Flush the message with this number.
    Message(u64),
    Topic(Topic),
    WakeUp(WakeUp),
}

impl Effect {
    fn add_to(self, pending: &mut Pending, trace: Option<TraceId>) {
        match self {
            Effect::Look => {}
            Effect::Message(seq) => pending.wake_up.merge(WakeUp { flush_up_to: seq, ..WakeUp::default() }),
            Effect::Topic(topic) => {
                pending.wake_up.topics.insert(topic);
                pending.causes.push(Cause { topic, trace });
            }
            Effect::WakeUp(wake_up) => pending.wake_up.merge(wake_up),
        }
    }
}

#[derive(Deserialize)]
struct RowKey {
    pk: String,
    sk: String,
}

/// The attributes in an image of a row that matter here, whatever its kind.
#[derive(Default, Deserialize)]
struct RowImage {
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    is_hidden: Option<bool>,
    #[serde(default)]
    ended: bool,
    #[serde(default)]
    likes: u64,
    #[serde(default)]
    changed_ms: i64,
    /// The request that put the row.
    trace: Option<String>,
    /// The request that updated it last.
    change_trace: Option<String>,
}

impl RowImage {
    fn of(item: serde_dynamo::Item) -> RowImage {
        serde_dynamo::from_item(item).unwrap_or_default()
    }

    fn state(&self) -> RowState {
        RowState { deleted: self.deleted, hidden: self.is_hidden == Some(true), likes: self.likes }
    }

    fn trace(&self, is_new: bool) -> Option<TraceId> {
        let changed = self.change_trace.as_deref();
        let text = if is_new { self.trace.as_deref().or(changed) } else { changed.or(self.trace.as_deref()) };
        TraceId::parse(text?)
    }
}

impl Change {
    fn read(record: EventRecord) -> Option<Change> {
        // Rows are only removed when they expire, and that concerns no room.
        if record.event_name == "REMOVE" {
            return None;
        }
        let is_new = record.event_name == "INSERT";
        let created_ms = record.change.approximate_creation_date_time.timestamp_millis();
        let key: RowKey = serde_dynamo::from_item(record.change.keys).ok()?;
        let row = ChangedRow::from_key(&key.pk, &key.sk)?;
        let (before, after) = (RowImage::of(record.change.old_image), RowImage::of(record.change.new_image.clone()));
        let topic = Topic::of_row(&row, (!is_new).then(|| before.state()), after.state());
        let effect = match (&row, topic) {
            (_, Some(topic)) => Effect::Topic(topic),
            (ChangedRow::Message(id), None) if is_new => Effect::Message(id.seq()),
            // Every allocated number changes the session's row, but only its end concerns the room.
            (ChangedRow::Session(_), None) if !after.ended => return None,
            (ChangedRow::Session(_), None) => Effect::WakeUp(WakeUp { ended: true, ..WakeUp::default() }),
            (ChangedRow::WakeUp(_), None) => {
                Effect::WakeUp(serde_dynamo::from_item(record.change.new_image).unwrap_or_default())
            }
            (ChangedRow::Notice(_) | ChangedRow::Close(_, _), None) => Effect::WakeUp(WakeUp::of_outbox()),
            (_, None) => Effect::Look,
        };
        Some(Change { row, effect, trace: after.trace(is_new), changed_ms: after.changed_ms, created_ms })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::message::MessageId;

    fn record(name: &str, pk: &str, sk: &str, old: Value, new: Value) -> Value {
        json!({"eventID": "1", "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
            "dynamodb": {"ApproximateCreationDateTime": 1.7e9, "Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "OldImage": old, "NewImage": new,
                "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES"}})
    }

    fn batch(records: &[Value]) -> Batch {
        Batch::read(serde_json::from_value(json!({"Records": records})).unwrap())
    }

    fn pending(records: &[Value]) -> BTreeMap<u64, Pending> {
        batch(records).sessions
    }

    #[test]
    fn records_say_what_is_new_in_which_session() {
        let likes = |n: u64| json!({"likes": {"N": n.to_string()}, "changed_ms": {"N": (1000 + n).to_string()}});
        let found = pending(&[
            record("INSERT", "messages#1", "00000001", json!({}), likes(0)),
            record("MODIFY", "messages#1", "00000002", likes(0), likes(1)),
            record("MODIFY", "messages#1", "00000003", json!({}), json!({"deleted": {"BOOL": true}})),
            record("MODIFY", "session#2", "likes#3", likes(1), likes(2)),
            record("MODIFY", "session#2", "viewers", json!({}), json!({"count": {"N": "3"}})),
            record("MODIFY", "session#3", "session", json!({}), json!({"ended": {"BOOL": true}, "seq": {"N": "7"}})),
            record(
                "INSERT",
                "bell#4",
                "ring",
                json!({}),
                json!({"settle_up_to": {"N": "9"}, "repeat_viewers": {"BOOL": true}, "tell_likes": {"BOOL": true}, "ended": {"BOOL": true},
                    "message_likes": {"L": [{"N": "400000007"}]}}),
            ),
            record("INSERT", "bell#5", "close#abc=", json!({}), json!({})),
            record("INSERT", "bell#6", "notice#1", json!({}), json!({"frame": {"S": "{}"}})),
        ]);
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        let topics = |session_id: u64| found[&session_id].wake_up.topics.iter().copied().collect::<Vec<_>>();
        let (liked, deleted) = (MessageId::new(1, 2), MessageId::new(1, 3));
        assert_eq!(topics(1), [Topic::Deletion(deleted), Topic::MessageLikes(liked)]);
        assert_eq!(topics(2), [Topic::Likes, Topic::Viewers]);
        assert!(found[&3].wake_up.ended);
        assert_eq!((found[&4].wake_up.settle_up_to, found[&4].wake_up.outbox), (9, false));
        let of_outbox = WakeUp::of_outbox();
        assert_eq!((&found[&5].wake_up, &found[&6].wake_up), (&of_outbox, &of_outbox), "of rows that the turn reads");
        assert_eq!(topics(4), [Topic::MessageLikes(MessageId::new(4, 7)), Topic::Likes, Topic::Viewers]);
        assert!(found[&4].wake_up.ended);
        assert_eq!((found[&1].changed_ms, found[&4].changed_ms), (1001, 0));
        assert_eq!(
            (found[&1].wake_up.flush_up_to, found[&4].wake_up.flush_up_to),
            (1, 0),
            "only new messages are to be flushed"
        );
    }

    #[test]
    fn records_say_which_requests_changed_their_rows() {
        let id = |digit: char| format!("1-5759e988-{}", digit.to_string().repeat(24));
        let (sent, liked, seen) = (id('a'), id('b'), id('c'));
        let message = |likes: u64, change: Value| json!({"likes": {"N": likes.to_string()}, "trace": {"S": sent}, "change_trace": change});
        let found = batch(&[
            record("INSERT", "messages#1", "00000001", json!({}), message(0, json!({"NULL": true}))),
            record(
                "MODIFY",
                "messages#1",
                "00000001",
                message(0, json!({"NULL": true})),
                message(1, json!({"S": liked})),
            ),
            record(
                "MODIFY",
                "session#1",
                "viewers",
                json!({}),
                json!({"count": {"N": "1"}, "change_trace": {"S": seen}}),
            ),
            record(
                "MODIFY",
                "session#1",
                "viewers",
                json!({}),
                json!({"count": {"N": "2"}, "change_trace": {"NULL": true}}),
            ),
            record("MODIFY", "session#1", "likes#0", json!({}), json!({"change_trace": {"S": "a text of somebody's"}})),
        ]);
        assert_eq!(found.records, 5);
        assert_eq!(found.traces.iter().map(TraceId::as_str).collect::<Vec<_>>(), [&sent, &liked, &seen]);
        let causes: Vec<_> = found.sessions[&1].causes.iter().map(|cause| (cause.topic, cause.trace.clone())).collect();
        let trace = |id: &str| TraceId::parse(id);
        let of_a_message = Topic::MessageLikes(MessageId::new(1, 1));
        assert_eq!(
            causes,
            [
                (of_a_message, trace(&liked)),
                (Topic::Viewers, trace(&seen)),
                (Topic::Viewers, None),
                (Topic::Likes, None)
            ]
        );
    }

    #[test]
    fn allocated_numbers_and_expired_rows_wake_no_room() {
        let row = json!({"seq": {"N": "7"}, "ended": {"BOOL": false}});
        let records = [
            record("MODIFY", "session#3", "session", row.clone(), row),
            record("REMOVE", "messages#1", "00000001", json!({}), json!({})),
            record("INSERT", "like#session#1#bob", "like", json!({}), json!({})),
        ];
        assert_eq!(pending(&records), BTreeMap::new());
    }
}
