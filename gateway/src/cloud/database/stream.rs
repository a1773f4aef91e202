//! All that is known of how dynoxide 3.2 keeps a table's stream, in one file.
//!
//! Its table `_stream_records` has no index and is never trimmed, and every write to a table with a stream looks for the highest
//! sequence number in it: a put gets slower with every record. The cure is an index on exactly that expression, and deleting what
//! was delivered, both through a second connection to the same file. Sequence numbers go on after that, for they have the clock as
//! their floor. A test fails if a put after 50,000 records is more than twice as slow as after 500.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use rusqlite::{Connection, params};
use serde_json::Value;

use super::error::{DatabaseError, of_engine};

/// What dynoxide adds to a stored sequence number to make the public one of 21 digits.
const SEQUENCE_NUMBER_OFFSET: u128 = 100_000_000_000_000_000_000;

/// One record, as the JSON that Lambda gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The record with its event id, name, keys and images.
    pub json: Value,
    /// Its sequence number.
    pub sequence_number: String,
}

/// A position in a table's stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// Before the oldest record that was not forgotten.
    #[default]
    TrimHorizon,
    /// A shard iterator.
    Iterator(String),
}

/// The second connection.
pub(super) struct StreamFile(Mutex<Connection>);

impl StreamFile {
    pub(super) fn open(file: &Path) -> Result<StreamFile, DatabaseError> {
        let connection = Connection::open(file).map_err(of_engine)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(of_engine)?;
        connection
            .execute_batch(
                "PRAGMA synchronous = NORMAL;
                 CREATE INDEX IF NOT EXISTS live_chat_stream_order
                 ON _stream_records (table_name, CAST(sequence_number AS INTEGER));",
            )
            .map_err(of_engine)?;
        Ok(StreamFile(Mutex::new(connection)))
    }

    pub(super) fn forget(&self, table: &str, up_to: &str) -> Result<(), DatabaseError> {
        let stored = up_to
            .parse::<u128>()
            .ok()
            .and_then(|public| i64::try_from(public.checked_sub(SEQUENCE_NUMBER_OFFSET)?).ok());
        let stored = stored.ok_or_else(|| DatabaseError::Engine(format!("{up_to} is no sequence number")))?;
        let connection = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let delete = "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2";
        connection.execute(delete, params![table, stored]).map(drop).map_err(of_engine)
    }
}

pub(super) fn read(
    engine: &dynoxide::Database,
    table: &str,
    after: &Position,
    at_most: usize,
) -> Result<(Vec<Record>, Position), DatabaseError> {
    let iterator = match after {
        Position::Iterator(iterator) => iterator.clone(),
        Position::TrimHorizon => trim_horizon(engine, table)?,
    };
    let request = GetRecordsRequest { shard_iterator: iterator.clone(), limit: Some(at_most) };
    let answer = engine.get_records(request).map_err(of_engine)?;
    let next = Position::Iterator(answer.next_shard_iterator.unwrap_or(iterator));
    let records = answer.records.into_iter().map(|record| {
        let json = serde_json::to_value(record).map_err(of_engine)?;
        let sequence_number = json["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned();
        Ok(Record { json, sequence_number })
    });
    Ok((records.collect::<Result<_, DatabaseError>>()?, next))
}

fn trim_horizon(engine: &dynoxide::Database, table: &str) -> Result<String, DatabaseError> {
    let metadata = engine.get_table_metadata(table).map_err(of_engine)?;
    let label = metadata.and_then(|metadata| metadata.stream_label);
    let label = label.ok_or_else(|| DatabaseError::Engine(format!("the table {table} has no stream")))?;
    let request = GetShardIteratorRequest {
        stream_arn: dynoxide::streams::stream_arn(table, &label),
        shard_id: dynoxide::streams::shard_id(table),
        shard_iterator_type: "TRIM_HORIZON".to_owned(),
        sequence_number: None,
    };
    let answer = engine.get_shard_iterator(request).map_err(of_engine)?;
    answer.shard_iterator.ok_or_else(|| DatabaseError::Engine(format!("the stream of {table} has no shard")))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use dynoxide::actions::put_item::PutItemRequest;
    use serde_json::json;

    use super::*;
    use crate::cloud::database::{Data, Database};
    use crate::cloud::template::TableSpec;

    fn database() -> Database {
        let table = TableSpec {
            logical_id: "ChatTable".to_owned(),
            name: "chat".to_owned(),
            keys: ("pk".to_owned(), "sk".to_owned()),
            stream: Some("NEW_AND_OLD_IMAGES".to_owned()),
            ttl: Some("expires_at".to_owned()),
        };
        Database::open(&Data::Memory, &[table], None).unwrap()
    }

    fn put(database: &Database, number: usize) {
        let item =
            json!({"pk": {"S": "a"}, "sk": {"S": number.to_string()}, "text": {"S": "some text of a usual length"}});
        let request: PutItemRequest = serde_json::from_value(json!({"TableName": "chat", "Item": item})).unwrap();
        database.engine.put_item(request).unwrap();
    }

    /// The median time of a put, which a noisy machine disturbs least.
    fn time_of_a_put(database: &Database, first: usize) -> Duration {
        let mut times: Vec<_> = (first..first + 101)
            .map(|number| {
                let started = Instant::now();
                put(database, number);
                started.elapsed()
            })
            .collect();
        times.sort_unstable();
        times[50]
    }

    #[test]
    fn a_put_after_fifty_thousand_records_is_as_fast_as_one_after_five_hundred() {
        let database = database();
        for number in 0..500 {
            put(&database, number);
        }
        let early = time_of_a_put(&database, 1_000_000);
        // Records that nobody has forgotten yet are the worst case.
        let copies = "INSERT INTO _stream_records (table_name, event_name, keys_json, new_image, sequence_number, shard_id, created_at, event_id)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
            SELECT 'chat', 'INSERT', '{}', '{}', CAST(i AS TEXT), 'shardId-00000001-chat', 0, CAST(i AS TEXT) FROM n";
        database.stream.0.lock().unwrap().execute_batch(copies).unwrap();
        let late = time_of_a_put(&database, 2_000_000);
        assert!(late < early * 2, "{late:?} after 50,000 records, {early:?} after 500");
        database.close();
    }

    #[test]
    fn records_are_read_in_order_and_forgotten_for_good() {
        let database = database();
        for number in 0..5 {
            put(&database, number);
        }
        let (records, next) = database.records("chat", &Position::TrimHorizon, 3).unwrap();
        let sort_keys = |records: &[Record]| {
            records.iter().map(|record| record.json["dynamodb"]["Keys"]["sk"]["S"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(sort_keys(&records), ["0", "1", "2"]);
        let (rest, end) = database.records("chat", &next, 100).unwrap();
        assert_eq!(sort_keys(&rest), ["3", "4"]);
        assert_eq!(database.records("chat", &end, 100).unwrap().0, []);
        database.forget_records("chat", &records[2].sequence_number).unwrap();
        let (left, _) = database.records("chat", &Position::TrimHorizon, 100).unwrap();
        assert_eq!(sort_keys(&left), ["3", "4"]);
        put(&database, 5);
        let (new, _) = database.records("chat", &end, 100).unwrap();
        assert_eq!(sort_keys(&new), ["5"], "a position stays good after forgetting");
        database.close();
    }
}
