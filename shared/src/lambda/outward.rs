//! Stream records in: the events of changed rows of the chat and the audit table.

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::moderation::report::{Reason, Reasons};
use crate::domain::outward::event::OutwardEvent;
use crate::platform::dynamo::told_row::ToldRow;

/// A record that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("a record of the stream cannot be read: {0}")]
pub struct Unreadable(String);

#[derive(Deserialize)]
struct RowKey {
    pk: String,
    sk: String,
}

/// The attributes that matter here, whatever the kind of the row.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RowImage {
    ended: bool,
    reports: u64,
    #[serde(flatten)]
    others: std::collections::BTreeMap<String, serde_json::Value>,
}

impl RowImage {
    /// The counters of reasons in the tally of a message's reports.
    fn reasons(&self) -> Reasons {
        let counter = |(name, count): (&String, &serde_json::Value)| {
            Some((Reason::of_counter(name)?, count.as_u64().filter(|count| *count > 0)?))
        };
        self.others.iter().filter_map(counter).collect()
    }
}

/// The events of a batch, in its order. Rows that nobody is told of are skipped.
///
/// # Errors
/// [`Unreadable`]; then nothing was told, and the batch is to be delivered again.
pub fn events(batch: Event) -> Result<Vec<OutwardEvent>, Unreadable> {
    let events: Result<Vec<Option<OutwardEvent>>, Unreadable> = batch.records.into_iter().map(event).collect();
    Ok(events?.into_iter().flatten().collect())
}

fn event(record: EventRecord) -> Result<Option<OutwardEvent>, Unreadable> {
    let is_new = match record.event_name.as_str() {
        "INSERT" => true,
        "MODIFY" => false,
        _ => return Ok(None),
    };
    let at_ms = record.change.approximate_creation_date_time.timestamp_millis();
    let key: RowKey = read(record.change.keys)?;
    let Some(row) = ToldRow::from_key(&key.pk, &key.sk) else { return Ok(None) };
    let images =
        || Ok::<(RowImage, RowImage), Unreadable>((read(record.change.old_image)?, read(record.change.new_image)?));
    Ok(match row {
        ToldRow::Entry(action_id) if is_new => Some(OutwardEvent::Action { action_id }),
        ToldRow::Held(session_id, held_id) if is_new => Some(OutwardEvent::Held { session_id, held_id }),
        ToldRow::Resolved(session_id, held_id) if is_new => Some(OutwardEvent::Resolved { session_id, held_id }),
        ToldRow::Session(session_id) if is_new => Some(OutwardEvent::Opened { session_id }),
        ToldRow::Session(session_id) => {
            let (before, after) = images()?;
            (after.ended && !before.ended).then_some(OutwardEvent::Ended { session_id })
        }
        ToldRow::Tally(message_id) => {
            let (before, after) = images()?;
            let (reports, reasons) = (after.reports, after.reasons());
            (reports > before.reports).then_some(OutwardEvent::Reported { message_id, reports, reasons, at_ms })
        }
        ToldRow::Entry(_) | ToldRow::Held(..) | ToldRow::Resolved(..) => None,
    })
}

fn read<Row: DeserializeOwned>(item: serde_dynamo::Item) -> Result<Row, Unreadable> {
    serde_dynamo::from_item(item).map_err(|error| Unreadable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::message::MessageId;
    use crate::domain::moderation::action_id::ActionId;
    use crate::domain::moderation::held_id::HeldId;

    fn record(name: &str, pk: &str, sk: &str, old: &Value, new: &Value) -> Value {
        json!({"eventID": "1", "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
            "dynamodb": {"ApproximateCreationDateTime": 1.7e9, "Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "OldImage": old, "NewImage": new,
                "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES"}})
    }

    fn told(record: Value) -> Option<OutwardEvent> {
        let batch = serde_json::from_value(json!({ "Records": [record] })).unwrap();
        events(batch).unwrap().pop()
    }

    #[test]
    fn each_row_that_is_told_of_is_one_event_and_its_other_changes_are_none() {
        let now = Timestamp::UNIX_EPOCH;
        let (action_id, held_id) = (ActionId::at(now), HeldId::at(now));
        let none = json!({});
        let put = |pk: &str, sk: &str| told(record("INSERT", pk, sk, &none, &none));
        assert_eq!(put("log#1970", action_id.as_str()), Some(OutwardEvent::Action { action_id: action_id.clone() }));
        assert_eq!(put("target#abc", action_id.as_str()), None, "the same entry among those of its user");
        let of = |held_id: &HeldId| (3, held_id.clone());
        let (session_id, id) = of(&held_id);
        assert_eq!(put("held#3", held_id.as_str()), Some(OutwardEvent::Held { session_id, held_id: id }));
        assert_eq!(put("held#3", "closed"), None);
        let (session_id, id) = of(&held_id);
        assert_eq!(put("resolved#3", held_id.as_str()), Some(OutwardEvent::Resolved { session_id, held_id: id }));
        assert_eq!(put("session#3", "session"), Some(OutwardEvent::Opened { session_id: 3 }));
        assert_eq!(told(record("REMOVE", "held#3", held_id.as_str(), &none, &none)), None);

        let ended = |ended: bool| json!({"ended": {"BOOL": ended}, "seq": {"N": "7"}});
        let change = |old: &Value, new: &Value| told(record("MODIFY", "session#3", "session", old, new));
        assert_eq!(change(&ended(false), &ended(true)), Some(OutwardEvent::Ended { session_id: 3 }));
        assert_eq!((change(&ended(true), &ended(true)), change(&ended(false), &ended(false))), (None, None));

        let tally = |reports: u64, told: u64| {
            json!({"reports": {"N": reports.to_string()}, "told": {"N": told.to_string()}, "user_id": {"S": "ann"},
                "reason_spam": {"N": reports.to_string()}, "by_staff": {"BOOL": false}})
        };
        let change = |name: &str, old: &Value, new: &Value| told(record(name, "reports#3", "00000007", old, new));
        let reported = |reports| {
            let reasons = Reasons::from([(Reason::Spam, reports)]);
            Some(OutwardEvent::Reported {
                message_id: MessageId::new(3, 7),
                reports,
                reasons,
                at_ms: 1_700_000_000_000,
            })
        };
        assert_eq!(change("INSERT", &none, &tally(1, 0)), reported(1));
        assert_eq!(change("MODIFY", &tally(1, 1), &tally(2, 1)), reported(2));
        assert_eq!(change("MODIFY", &tally(2, 1), &tally(2, 2)), None, "staff hear of it, which is no report");
    }

    #[test]
    fn a_record_that_cannot_be_read_fails_its_batch() {
        let broken = record("MODIFY", "session#3", "session", &json!({}), &json!({"ended": {"S": "soon"}}));
        assert!(events(serde_json::from_value(json!({ "Records": [broken] })).unwrap()).is_err());
    }
}
