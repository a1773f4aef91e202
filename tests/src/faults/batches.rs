//! Stream batches that fail: the function fails before it handles any record, after half of them, or after all of them.
//! Lambda then splits the batch in two and delivers both parts again; that is counted, too.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gateway::engine::{Code, FunctionError, Middleware};
use serde_json::{Value, json};

use super::ledger::Ledger;
use super::plan::mix;

/// How many of a thousand batches fail in each way.
const FAIL: u64 = 100;
/// Counted for a function that failed before its first record.
pub const FAILED_BEFORE: &str = "stream: batch failed before its first record";
/// Counted for a function that failed after some of its records.
pub const FAILED_HALF_WAY: &str = "stream: batch failed half-way";
/// Counted for a function that failed after all its records.
pub const FAILED_AFTER: &str = "stream: batch failed after its last record";
/// Counted for a part of a batch that failed as a whole.
pub const SPLIT: &str = "stream: part of a batch that was split";
/// Counted for a batch that is delivered again unchanged.
pub const AGAIN: &str = "stream: failed batch delivered again";

type Records = BTreeSet<String>;

/// Watches a gateway's batches. Clones share it.
#[derive(Clone)]
pub struct Batches {
    seed: u64,
    ledger: Ledger,
    injects: Arc<AtomicBool>,
    seen: Arc<AtomicU64>,
    failed: Arc<Mutex<Vec<Failed>>>,
}

/// How a batch is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Before,
    HalfWay,
    After,
}

impl Batches {
    /// Observes batches without failing any.
    pub fn watched(seed: u64, ledger: &Ledger) -> Batches {
        Batches { seed, ledger: ledger.clone(), injects: Arc::default(), seen: Arc::default(), failed: Arc::default() }
    }

    /// Fails some batches from now on.
    pub fn inject(&self) {
        self.injects.store(true, Ordering::SeqCst);
    }

    /// Injects no more failures from now on.
    pub fn stop(&self) {
        self.injects.store(false, Ordering::SeqCst);
    }

    /// The middleware of a gateway whose batches fail.
    pub fn middleware(&self) -> Middleware {
        let batches = self.clone();
        Middleware(Arc::new(move |name, code| if name == "broadcast" { batches.clone().within(code) } else { code }))
    }

    fn within(self, code: Code) -> Code {
        Arc::new(move |payload, context| {
            let (batches, code) = (self.clone(), Arc::clone(&code));
            Box::pin(async move {
                let event: Value = serde_json::from_slice(&payload).unwrap_or_default();
                let records = sequence_numbers(&event);
                batches.recognise(&records);
                let failure = batches.failure(batches.seen.fetch_add(1, Ordering::SeqCst), records.len());
                // If the invocation is killed, this is dropped with it.
                let mut delivery = Delivery { batches: batches.clone(), records, is_handled: false };
                let answer = match failure {
                    None => code(payload, context).await,
                    Some(Failure::Before) => Err(batches.fail(FAILED_BEFORE)),
                    Some(Failure::HalfWay) => {
                        let _nobody_gets_it = code(first_half(event), context).await;
                        Err(batches.fail(FAILED_HALF_WAY))
                    }
                    Some(Failure::After) => {
                        let _nobody_gets_it = code(payload, context).await;
                        Err(batches.fail(FAILED_AFTER))
                    }
                };
                delivery.is_handled = answer.is_ok();
                answer
            })
        })
    }

    fn failure(&self, nth: u64, records: usize) -> Option<Failure> {
        if !self.injects.load(Ordering::SeqCst) {
            return None;
        }
        let failure = match mix(self.seed, "batch", nth) % 1000 {
            dice if dice < FAIL => Failure::Before,
            dice if dice < 2 * FAIL => Failure::HalfWay,
            dice if dice < 3 * FAIL => Failure::After,
            _ => return None,
        };
        // A single record has no half.
        Some(if failure == Failure::HalfWay && records < 2 { Failure::After } else { failure })
    }

    fn fail(&self, how: &str) -> FunctionError {
        self.ledger.count(how);
        FunctionError { error_type: "Injected".to_owned(), error_message: how.to_owned() }
    }

    /// Counts a batch if it repeats a failed batch or a part of one.
    fn recognise(&self, records: &Records) {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.iter().any(|batch| batch.records == *records) {
            self.ledger.count(AGAIN);
        } else if failed.iter().any(|batch| batch.records.is_superset(records)) {
            self.ledger.count(SPLIT);
        }
    }
}

/// A batch that failed.
struct Failed {
    records: Records,
    /// Its records that have not been handled since.
    unhandled: Records,
}

/// A batch that a function is handling.
struct Delivery {
    batches: Batches,
    records: Records,
    is_handled: bool,
}

impl Drop for Delivery {
    fn drop(&mut self) {
        let mut failed = self.batches.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_handled {
            failed.iter_mut().for_each(|batch| batch.unhandled.retain(|record| !self.records.contains(record)));
            failed.retain(|batch| !batch.unhandled.is_empty());
        } else if failed.iter().all(|batch| batch.records != self.records) {
            failed.push(Failed { records: self.records.clone(), unhandled: self.records.clone() });
        }
    }
}

fn sequence_numbers(event: &Value) -> Records {
    let records = event["Records"].as_array().into_iter().flatten();
    records.filter_map(|record| record["dynamodb"]["SequenceNumber"].as_str()).map(str::to_owned).collect()
}

fn first_half(mut event: Value) -> Bytes {
    if let Some(records) = event["Records"].as_array_mut() {
        records.truncate(records.len() / 2);
    }
    Bytes::from(json!(event).to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gateway::engine::{Engine, Function};

    use super::*;

    fn event(numbers: &[&str]) -> Bytes {
        let record = |number: &&str| json!({"dynamodb": {"SequenceNumber": number}});
        Bytes::from(json!({"Records": numbers.iter().map(record).collect::<Vec<_>>()}).to_string())
    }

    /// An engine whose `broadcast` records the size of each batch.
    fn noting(batches: &Batches, calls: &Arc<Mutex<Vec<usize>>>) -> Engine {
        let calls = Arc::clone(calls);
        engine(
            batches,
            Arc::new(move |payload, _| {
                let event = serde_json::from_slice(&payload).expect("JSON");
                calls.lock().expect("nobody panics").push(sequence_numbers(&event).len());
                Box::pin(async { Ok(Bytes::new().into()) })
            }),
        )
    }

    fn failing(batches: &Batches) -> Engine {
        let error = || FunctionError { error_type: String::new(), error_message: String::new() };
        engine(batches, Arc::new(move |_, _| Box::pin(async move { Err(error()) })))
    }

    fn engine(batches: &Batches, code: Code) -> Engine {
        let function = Function { code, timeout: Duration::from_secs(10) };
        Engine::new([("broadcast".to_owned(), function)].into()).wrapped_in(&batches.middleware())
    }

    #[tokio::test]
    async fn batches_fail_before_half_way_and_after() {
        let (ledger, calls) = (Ledger::default(), Arc::default());
        let batches = Batches::watched(1, &ledger);
        batches.inject();
        let engine = noting(&batches, &calls);
        let mut failed = 0;
        for nth in 0..200 {
            let numbers = [0, 1, 2, 3].map(|record| format!("{nth}.{record}"));
            let outcome = engine.invoke("broadcast", event(&numbers.each_ref().map(String::as_str))).await;
            failed += u64::from(outcome.is_err());
        }
        let counts = ledger.counts();
        let kinds: Vec<&str> = counts.keys().map(String::as_str).collect();
        assert_eq!(kinds, [FAILED_AFTER, FAILED_BEFORE, FAILED_HALF_WAY]);
        assert_eq!(ledger.total(), failed);
        let halves = calls.lock().expect("nobody panics").iter().filter(|records| **records == 2).count() as u64;
        assert_eq!(halves, counts[FAILED_HALF_WAY]);
    }

    #[tokio::test]
    async fn parts_of_a_batch_that_failed_are_counted_and_new_batches_are_not() {
        let ledger = Ledger::default();
        let batches = Batches::watched(1, &ledger);
        let (broken, whole) = (failing(&batches), noting(&batches, &Arc::default()));
        assert!(broken.invoke("broadcast", event(&["1", "2"])).await.is_err());
        for numbers in [&["1"][..], &["2"], &["3"], &["3"]] {
            assert!(whole.invoke("broadcast", event(numbers)).await.is_ok());
        }
        assert_eq!(ledger.counts().into_iter().collect::<Vec<_>>(), [(SPLIT.to_owned(), 2)]);
        assert!(broken.invoke("broadcast", event(&["4"])).await.is_err());
        assert!(whole.invoke("broadcast", event(&["4"])).await.is_ok());
        assert_eq!(ledger.counts()[AGAIN], 1);
    }
}
