//! Stream records in: what changed, for each session.

use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use serde::Deserialize;

use crate::adapters::store::cursor::Ring;
use crate::adapters::store::keys::Changed;
use crate::use_cases::broadcast::news::News;

/// What the records of a batch say, by session. A session is there even if only its messages are new, for the broadcast
/// reads those from the table. Records that nobody hears of are passed over.
pub fn news_by_session(event: Event) -> BTreeMap<u64, News> {
    let mut sessions: BTreeMap<u64, News> = BTreeMap::new();
    for record in event.records {
        if let Some((session_id, change)) = read(record) {
            change.add_to(sessions.entry(session_id).or_default());
        }
    }
    sessions
}

enum Change {
    Nothing,
    Likes,
    Viewers,
    MessageLikes(crate::rules::message::MessageId),
    Deleted(crate::rules::message::MessageId),
    Ended,
    Ring(Ring),
    Close(String),
}

impl Change {
    fn add_to(self, news: &mut News) {
        match self {
            Change::Nothing => {}
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
    #[serde(flatten)]
    ring: Option<Ring>,
}

fn read(record: EventRecord) -> Option<(u64, Change)> {
    // A row that expired is nobody's news.
    if record.event_name == "REMOVE" {
        return None;
    }
    let is_new = record.event_name == "INSERT";
    let keys: Keys = serde_dynamo::from_item(record.change.keys).ok()?;
    let image = |item: serde_dynamo::Item| serde_dynamo::from_item::<_, Image>(item).unwrap_or_default();
    let (old, new) = (image(record.change.old_image), image(record.change.new_image));
    match Changed::from_key(&keys.pk, &keys.sk)? {
        Changed::Message(id) if new.deleted && !old.deleted => Some((id.session_id(), Change::Deleted(id))),
        Changed::Message(id) if !is_new && new.likes != old.likes => Some((id.session_id(), Change::MessageLikes(id))),
        Changed::Message(id) => Some((id.session_id(), Change::Nothing)),
        Changed::Likes(session_id) => Some((session_id, Change::Likes)),
        Changed::Viewers(session_id) => Some((session_id, Change::Viewers)),
        // Every number that is taken changes the session's row: only its end is news.
        Changed::Session(session_id) => new.ended.then_some((session_id, Change::Ended)),
        Changed::Bell(session_id) => {
            let ring = new.ring.unwrap_or_default();
            Some((session_id, Change::Ring(ring)))
        }
        Changed::Close(session_id, connection_id) => Some((session_id, Change::Close(connection_id))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::rules::message::MessageId;

    fn record(name: &str, pk: &str, sk: &str, old: Value, new: Value) -> Value {
        json!({"eventID": "1", "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
            "dynamodb": {"ApproximateCreationDateTime": 1.7e9, "Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "OldImage": old, "NewImage": new,
                "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES"}})
    }

    fn news(records: &[Value]) -> BTreeMap<u64, News> {
        news_by_session(serde_json::from_value(json!({"Records": records})).unwrap())
    }

    #[test]
    fn records_say_what_is_new_in_which_session() {
        let likes = |n: u64| json!({"likes": {"N": n.to_string()}});
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
                json!({"settle_up_to": {"N": "9"}, "repeat_viewers": {"BOOL": true}}),
            ),
            record("INSERT", "bell#4", "close#abc=", json!({}), json!({})),
        ]);
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(found[&1].message_likes.iter().copied().collect::<Vec<_>>(), [MessageId::new(1, 2)]);
        assert_eq!(found[&1].deleted.iter().copied().collect::<Vec<_>>(), [MessageId::new(1, 3)]);
        assert!(found[&2].likes && found[&2].viewers && found[&3].ended);
        assert_eq!((found[&4].settle_up_to, found[&4].viewers, found[&4].close.len()), (9, true, 1));
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
