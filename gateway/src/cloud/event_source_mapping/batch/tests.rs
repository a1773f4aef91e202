//! Deliveries to functions that fail, refuse, and answer with failures.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::*;
use crate::cloud::engine::{Function, FunctionError};

const MINUTE: Duration = Duration::from_secs(60);

fn record(number: u32, age: Duration) -> Value {
    let created = (SystemTime::now() - age).duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    json!({"dynamodb": {"SequenceNumber": number.to_string(), "ApproximateCreationDateTime": created}})
}

fn new_records(count: u32) -> Vec<Value> {
    (1..=count).map(|number| record(number, Duration::ZERO)).collect()
}

/// The settings that tests change.
struct Setting {
    age: Duration,
    retries: Option<u32>,
    reports_item_failures: bool,
}

impl Default for Setting {
    fn default() -> Setting {
        Setting { age: MINUTE, retries: None, reports_item_failures: true }
    }
}

fn spec(setting: Setting) -> EventSourceMappingSpec {
    EventSourceMappingSpec {
        table: "ChatTable".to_owned(),
        function: "broadcast".to_owned(),
        batch_size: 100,
        maximum_record_age: setting.age,
        maximum_retry_attempts: setting.retries,
        bisect_on_error: true,
        reports_item_failures: setting.reports_item_failures,
        filters: Vec::new(),
    }
}

/// Delivers records to a function that answers as `judge` says when it is called with records of these numbers. Answers
/// with its calls, and with what was parked: first number, last number, tries.
async fn delivered(
    records: Vec<Value>,
    setting: Setting,
    judge: impl Fn(&[u32]) -> Result<Value, ()> + Send + Sync + 'static,
) -> (Vec<Vec<u32>>, Vec<(String, String, u64)>) {
    let calls: Arc<Mutex<Vec<Vec<u32>>>> = Arc::default();
    let (noted, judge) = (Arc::clone(&calls), Arc::new(judge));
    let code: crate::cloud::engine::Code = Arc::new(move |payload, _context| {
        let event: Value = serde_json::from_slice(&payload).unwrap();
        let number = |record: &Value| record["dynamodb"]["SequenceNumber"].as_str().unwrap().parse().unwrap();
        let numbers: Vec<u32> = event["Records"].as_array().unwrap().iter().map(number).collect();
        let answer = judge(&numbers);
        noted.lock().unwrap().push(numbers);
        let failed = |()| FunctionError { error_type: "Unhandled".to_owned(), error_message: "no".to_owned() };
        Box::pin(async move { answer.map(|answer| Bytes::from(answer.to_string()).into()).map_err(failed) })
    });
    let engine = Engine::new(BTreeMap::from([("broadcast".to_owned(), Function { code, timeout: MINUTE })]));
    let folder = tempfile::tempdir().unwrap();
    let spec = spec(setting);
    let dead_letters = folder.path().join("dead_letters.jsonl");
    let deliverer = Deliverer::new(engine, spec, dead_letters.clone());
    assert!(deliverer.deliver(records, &CancellationToken::new()).await);
    let letters = std::fs::read_to_string(dead_letters).unwrap_or_default();
    let parked = letters.lines().map(|line| {
        let letter: Value = serde_json::from_str(line).unwrap();
        let number = |name: &str| letter[name].as_str().unwrap().to_owned();
        let tries = letter["approximateInvokeCount"].as_u64().unwrap();
        (number("startSequenceNumber"), number("endSequenceNumber"), tries)
    });
    let calls = calls.lock().unwrap().clone();
    (calls, parked.collect())
}

#[tokio::test]
async fn a_batch_beyond_6_mb_is_delivered_in_parts_and_no_try_is_counted() {
    let mut records = new_records(4);
    for record in &mut records {
        record["text"] = "x".repeat(2 * 1024 * 1024).into();
    }
    let setting = Setting { retries: Some(0), ..Setting::default() };
    let (calls, parked) = delivered(records, setting, |_| Ok(Value::Null)).await;
    assert_eq!((calls, parked), (vec![vec![1, 2], vec![3, 4]], Vec::new()));
}

#[tokio::test]
async fn a_batch_that_lambda_refuses_is_tried_again_whole_and_never_parked() {
    let (entered, mut running) = tokio::sync::mpsc::unbounded_channel();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let open = Arc::clone(&gate);
    let code: crate::cloud::engine::Code = Arc::new(move |payload: Bytes, _context| {
        let (gate, entered) = (Arc::clone(&gate), entered.clone());
        Box::pin(async move {
            let event: Value = serde_json::from_slice(&payload).unwrap();
            let _test_is_over = entered.send(event["Records"].as_array().map_or(0, Vec::len));
            drop(gate.acquire().await);
            Ok(Bytes::from_static(b"null").into())
        })
    });
    let function = Function { code, timeout: MINUTE };
    let engine = Engine::new(BTreeMap::from([("broadcast".to_owned(), function)])).limited_to(1, &BTreeMap::new());
    let busy = engine.clone();
    let busy = tokio::spawn(async move { busy.invoke("broadcast", Bytes::from_static(b"{}")).await });
    assert_eq!(running.recv().await, Some(0), "it takes the only place");
    let folder = tempfile::tempdir().unwrap();
    let dead_letters = folder.path().join("dead_letters.jsonl");
    let spec = spec(Setting { retries: Some(0), ..Setting::default() });
    let deliverer = Deliverer::new(engine.clone(), spec, dead_letters.clone());
    let delivery = async { deliverer.deliver(new_records(3), &CancellationToken::new()).await };
    let refused_twice = async {
        while engine.refused() < 2 {
            tokio::task::yield_now().await;
        }
        open.add_permits(1);
        assert_eq!(running.recv().await, Some(3), "as a whole");
    };
    assert!(tokio::join!(delivery, refused_twice).0);
    assert!(busy.await.unwrap().is_ok() && !dead_letters.exists());
}

fn letter(first: u32, last: u32, tries: u64) -> (String, String, u64) {
    (first.to_string(), last.to_string(), tries)
}

#[tokio::test]
async fn a_batch_that_fails_is_split_until_what_cannot_be_handled_stands_alone() {
    let fails_with_two = |numbers: &[u32]| if numbers.contains(&2) { Err(()) } else { Ok(Value::Null) };
    let (calls, parked) =
        delivered(new_records(4), Setting { retries: Some(3), ..Setting::default() }, fails_with_two).await;
    assert_eq!(calls, [vec![1, 2, 3, 4], vec![1, 2], vec![1], vec![2], vec![2], vec![3, 4]]);
    assert_eq!(parked, [letter(2, 2, 4)]);
}

#[tokio::test]
async fn a_batch_that_fails_half_way_begins_again_where_it_failed() {
    let first_time = Mutex::new(true);
    let fails_once_at_two = move |_: &[u32]| {
        let failures = if std::mem::take(&mut *first_time.lock().unwrap()) { vec!["2"] } else { Vec::new() };
        let failures: Vec<Value> = failures.into_iter().map(|number| json!({"itemIdentifier": number})).collect();
        Ok(json!({"batchItemFailures": failures}))
    };
    let (calls, parked) = delivered(new_records(2), Setting::default(), fails_once_at_two).await;
    assert_eq!((calls, parked), (vec![vec![1, 2], vec![2]], Vec::new()));
}

#[tokio::test]
async fn failures_in_the_answer_mean_nothing_to_a_mapping_that_does_not_ask_for_them() {
    let fails_at_two = |_: &[u32]| Ok(json!({"batchItemFailures": [{"itemIdentifier": "2"}]}));
    let setting = Setting { reports_item_failures: false, ..Setting::default() };
    let (calls, parked) = delivered(new_records(2), setting, fails_at_two).await;
    assert_eq!((calls, parked), (vec![vec![1, 2]], Vec::new()));
}

#[tokio::test]
async fn a_failure_that_names_no_record_of_the_batch_is_the_whole_batchs() {
    let fails_with_two = |numbers: &[u32]| match numbers {
        [1, 2] => Ok(json!({"batchItemFailures": [{"itemIdentifier": "77"}]})),
        _ => Ok(json!({"batchItemFailures": []})),
    };
    let (calls, _) = delivered(new_records(2), Setting::default(), fails_with_two).await;
    assert_eq!(calls, [vec![1, 2], vec![1], vec![2]]);
}

#[tokio::test]
async fn a_record_that_is_too_old_is_parked_without_being_tried() {
    let records = vec![record(1, MINUTE), record(2, MINUTE), record(3, Duration::ZERO)];
    let (calls, parked) = delivered(records, Setting::default(), |_| Ok(Value::Null)).await;
    assert_eq!((calls, parked), (vec![vec![3]], vec![letter(1, 2, 0)]));
}

#[tokio::test]
async fn what_waits_behind_a_record_that_fails_ages_with_it() {
    let age = Duration::from_secs(1);
    let (calls, parked) = delivered(new_records(2), Setting { age, ..Setting::default() }, |numbers| {
        if numbers == [2] { Ok(Value::Null) } else { Err(()) }
    })
    .await;
    assert!(calls.iter().skip(1).all(|numbers| *numbers == [1]), "the second one never had a turn: {calls:?}");
    assert_eq!(parked.len(), 2, "{parked:?}");
    assert_eq!((&parked[0].0[..], &parked[1].0[..]), ("1", "2"));
    assert!(parked[0].2 > parked[1].2, "only the first one was tried again: {parked:?}");
}
