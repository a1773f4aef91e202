//! Stream records in: what changed, for each session.

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use serde::Deserialize;

use crate::broadcast::cursor::Ring;
use crate::broadcast::news::{Heard, Kind, News};
use crate::platform::dynamo::keys::ChangedRow;
use crate::platform::trace::TraceId;

/// What the records of a batch say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// How many records there were.
    pub records: usize,
    /// The news of each session. A session is there even if only its messages are new, for the broadcast reads those from
    /// the table.
    pub sessions: BTreeMap<u64, News>,
    /// The requests that changed the rows.
    pub traces: BTreeSet<TraceId>,
}

impl Batch {
    /// Reads the records of an event. Those that nobody hears of are passed over.
    pub fn read(event: Event) -> Batch {
        let mut batch = Batch { records: event.records.len(), ..Batch::default() };
        for (session_id, change, trace, changed_ms) in event.records.into_iter().filter_map(read) {
            let news = batch.sessions.entry(session_id).or_default();
            if let Some(kind) = change.kind() {
                news.heard.push(Heard { kind, trace: trace.clone() });
            }
            batch.traces.extend(trace);
            change.add_to(news);
            news.changed_ms = news.changed_ms.max(changed_ms);
        }
        batch
    }
}

enum Change {
    Nothing,
    Message(u64),
    Likes,
    Viewers,
    MessageLikes(crate::domain::message::MessageId),
    Deleted(crate::domain::message::MessageId),
    Ended,
    Ring(Ring),
    Close(String),
}

impl Change {
    fn kind(&self) -> Option<Kind> {
        match self {
            Change::Likes | Change::MessageLikes(_) => Some(Kind::Likes),
            Change::Viewers => Some(Kind::Viewers),
            Change::Deleted(_) => Some(Kind::Deletion),
            Change::Nothing | Change::Message(_) | Change::Ended | Change::Ring(_) | Change::Close(_) => None,
        }
    }

    fn add_to(self, news: &mut News) {
        match self {
            Change::Nothing => {}
            Change::Message(seq) => news.tell_up_to = news.tell_up_to.max(seq),
            Change::Likes => news.likes = true,
            Change::Viewers => news.viewers = true,
            Change::MessageLikes(id) => drop(news.message_likes.insert(id)),
            Change::Deleted(id) => drop(news.deleted.insert(id)),
            Change::Ended => news.ended = true,
            Change::Ring(ring) => news.add_ring(ring),
            Change::Close(connection_id) => drop(news.close.insert(connection_id)),
        }
    }
}

#[derive(Deserialize)]
struct Keys {
    pk: String,
    sk: String,
}

/// What the images of rows tell, whichever row it is.
#[derive(Default, Deserialize)]
struct Image {
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    ended: bool,
    #[serde(default)]
    likes: u64,
    /// When a message's likes changed last, or it was deleted.
    #[serde(default)]
    changed_ms: i64,
    /// The request that put the row.
    trace: Option<String>,
    /// The request that updated it last.
    change_trace: Option<String>,
}

impl Image {
    fn trace(&self, is_new: bool) -> Option<TraceId> {
        let changed = self.change_trace.as_deref();
        let text = if is_new { self.trace.as_deref().or(changed) } else { changed.or(self.trace.as_deref()) };
        TraceId::parse(text?)
    }
}

fn read(record: EventRecord) -> Option<(u64, Change, Option<TraceId>, i64)> {
    // A row that expired is nobody's news.
    if record.event_name == "REMOVE" {
        return None;
    }
    let is_new = record.event_name == "INSERT";
    let keys: Keys = serde_dynamo::from_item(record.change.keys).ok()?;
    let image = |item: serde_dynamo::Item| serde_dynamo::from_item::<_, Image>(item).unwrap_or_default();
    let new_image = record.change.new_image;
    let ring = |item| serde_dynamo::from_item::<_, Ring>(item).unwrap_or_default();
    let (old, new) = (image(record.change.old_image), image(new_image.clone()));
    let trace = new.trace(is_new);
    let (session_id, change) = match ChangedRow::from_key(&keys.pk, &keys.sk)? {
        ChangedRow::Message(id) if new.deleted && !old.deleted => (id.session_id(), Change::Deleted(id)),
        ChangedRow::Message(id) if !is_new && new.likes != old.likes => (id.session_id(), Change::MessageLikes(id)),
        ChangedRow::Message(id) if is_new => (id.session_id(), Change::Message(id.seq())),
        ChangedRow::Message(id) => (id.session_id(), Change::Nothing),
        ChangedRow::Likes(session_id) => (session_id, Change::Likes),
        ChangedRow::Viewers(session_id) => (session_id, Change::Viewers),
        // Every number that is taken changes the session's row: only its end is news.
        ChangedRow::Session(session_id) if new.ended => (session_id, Change::Ended),
        ChangedRow::Session(_) => return None,
        ChangedRow::WakeUp(session_id) => (session_id, Change::Ring(ring(new_image))),
        ChangedRow::Close(session_id, connection_id) => (session_id, Change::Close(connection_id)),
    };
    Some((session_id, change, trace, new.changed_ms))
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

    fn news(records: &[Value]) -> BTreeMap<u64, News> {
        batch(records).sessions
    }

    #[test]
    fn records_say_what_is_new_in_which_session() {
        let likes = |n: u64| json!({"likes": {"N": n.to_string()}, "changed_ms": {"N": (1000 + n).to_string()}});
        let found = news(&[
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
            record("INSERT", "bell#4", "close#abc=", json!({}), json!({})),
        ]);
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(found[&1].message_likes.iter().copied().collect::<Vec<_>>(), [MessageId::new(1, 2)]);
        assert_eq!(found[&1].deleted.iter().copied().collect::<Vec<_>>(), [MessageId::new(1, 3)]);
        assert!(found[&2].likes && found[&2].viewers && found[&3].ended);
        assert_eq!((found[&4].settle_up_to, found[&4].viewers, found[&4].close.len()), (9, true, 1));
        assert!(found[&4].likes && found[&4].ended && found[&4].message_likes.contains(&MessageId::new(4, 7)));
        assert_eq!((found[&1].changed_ms, found[&4].changed_ms), (1001, 0));
        assert_eq!((found[&1].tell_up_to, found[&4].tell_up_to), (1, 0), "only new messages are to be told");
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
        let heard: Vec<_> = found.sessions[&1].heard.iter().map(|heard| (heard.kind, heard.trace.clone())).collect();
        let trace = |id: &str| TraceId::parse(id);
        assert_eq!(
            heard,
            [(Kind::Likes, trace(&liked)), (Kind::Viewers, trace(&seen)), (Kind::Viewers, None), (Kind::Likes, None)]
        );
    }

    #[test]
    fn numbers_that_are_taken_and_rows_that_expire_are_nobodys_news() {
        let row = json!({"seq": {"N": "7"}, "ended": {"BOOL": false}});
        let records = [
            record("MODIFY", "session#3", "session", row.clone(), row),
            record("REMOVE", "messages#1", "00000001", json!({}), json!({})),
            record("INSERT", "like#session#1#bob", "like", json!({}), json!({})),
        ];
        assert_eq!(news(&records), BTreeMap::new());
    }
}
