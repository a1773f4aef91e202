//! Delivers one batch: again, split and in the end parked, as the mapping's settings say.

use std::collections::VecDeque;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::cloud::engine::{Engine, InvokeError};
use crate::cloud::template::EventSourceMappingSpec;

/// How long to wait before the first further try, and at most.
const INITIAL_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Deliverer {
    engine: Engine,
    spec: EventSourceMappingSpec,
    dead_letters: PathBuf,
}

/// A part of a batch, and how often it was tried.
struct Part {
    records: Vec<Value>,
    tries: u32,
}

impl Part {
    /// Takes away the records that were created longer ago than this. They are the first ones: a stream is in order.
    fn take_older_than(&mut self, age: Duration, now: SystemTime) -> Part {
        let is_old =
            |record: &&Value| created(record).is_some_and(|at| now.duration_since(at).unwrap_or_default() >= age);
        let old = self.records.iter().take_while(is_old).count();
        Part { records: self.records.drain(..old).collect(), tries: self.tries }
    }
}

/// How a try ended.
enum Tried {
    Delivered,
    /// The rest that failed.
    Failed(Part),
    /// Lambda has no execution left.
    Throttled(Part),
    /// The part is larger than an event may be.
    TooLarge(Part),
}

impl Deliverer {
    pub(super) fn new(engine: Engine, spec: EventSourceMappingSpec, dead_letters: PathBuf) -> Deliverer {
        Deliverer { engine, spec, dead_letters }
    }

    /// Delivers records in their order. `false` if it was stopped before all were delivered or parked. A record's age counts
    /// from its creation, however long it waited for its turn: Lambda parks one that is too old without trying it.
    pub(super) async fn deliver(&self, records: Vec<Value>, stop: &CancellationToken) -> bool {
        let mut wait = INITIAL_BACKOFF;
        let mut parts = VecDeque::from([Part { records, tries: 0 }]);
        while let Some(mut part) = parts.pop_front() {
            // What a stopped mapping has not delivered is neither tried nor parked: the next run begins with it.
            if stop.is_cancelled() {
                return false;
            }
            let old = part.take_older_than(self.spec.maximum_record_age, SystemTime::now());
            if !old.records.is_empty() {
                self.park(&old);
            }
            if part.records.is_empty() {
                continue;
            }
            let rest = match self.try_once(part).await {
                Tried::Delivered => continue,
                Tried::Failed(_) if stop.is_cancelled() => return false,
                Tried::Failed(rest) => rest,
                // A batch ends before 6 MB, however many records it may have.
                Tried::TooLarge(part) => {
                    split(part, &mut parts);
                    continue;
                }
                // That is no failure of the function: it counts as no try, and splits nothing.
                Tried::Throttled(part) => {
                    parts.push_front(part);
                    if pause(&mut wait, stop).await {
                        continue;
                    }
                    return false;
                }
            };
            if self.spec.maximum_retry_attempts.is_some_and(|most| rest.tries > most) {
                self.park(&rest);
                continue;
            }
            if self.spec.bisect_on_error && rest.records.len() > 1 {
                split(rest, &mut parts);
            } else {
                parts.push_front(rest);
            }
            if !pause(&mut wait, stop).await {
                return false;
            }
        }
        true
    }

    /// Invokes the function with a part.
    async fn try_once(&self, part: Part) -> Tried {
        let payload = Bytes::from(json!({"Records": part.records}).to_string());
        let tries = part.tries + 1;
        match self.engine.invoke(&self.spec.function, payload).await {
            Err(InvokeError::Throttled(_)) => Tried::Throttled(part),
            Err(InvokeError::TooLarge(_)) if part.records.len() > 1 => Tried::TooLarge(part),
            Err(_logged_by_the_engine) => Tried::Failed(Part { records: part.records, tries }),
            Ok(answer) => {
                let mut records = part.records;
                match first_failure(&answer, &records) {
                    Some(first) if self.spec.reports_item_failures => {
                        Tried::Failed(Part { records: records.split_off(first), tries })
                    }
                    _ => Tried::Delivered,
                }
            }
        }
    }

    /// Notes which records could not be handled, without their contents, as AWS does.
    fn park(&self, part: &Part) {
        let number = |record: Option<&Value>| record.map(|record| record["dynamodb"]["SequenceNumber"].clone());
        let letter = json!({
            "function": self.spec.function,
            "batchSize": part.records.len(),
            "startSequenceNumber": number(part.records.first()),
            "endSequenceNumber": number(part.records.last()),
            "approximateInvokeCount": part.tries,
        });
        tracing::error!(
            function.name = self.spec.function,
            records.count = part.records.len(),
            "records were parked as dead letters"
        );
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&self.dead_letters);
        if let Err(error) = file.and_then(|mut file| writeln!(file, "{letter}")) {
            tracing::error!(error = %error, "a dead letter could not be written");
        }
    }
}

/// Both halves come next.
fn split(part: Part, parts: &mut VecDeque<Part>) {
    let (mut first, tries) = (part.records, part.tries);
    let second = first.split_off(first.len() / 2);
    parts.push_front(Part { records: second, tries });
    parts.push_front(Part { records: first, tries });
}

/// Waits before the next try; `false` if the mapping stops.
async fn pause(wait: &mut Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(*wait) => *wait = (*wait * 2).min(MAX_BACKOFF),
        () = stop.cancelled() => return false,
    }
    true
}

/// When a record was created, to the second.
fn created(record: &Value) -> Option<SystemTime> {
    let seconds = record["dynamodb"]["ApproximateCreationDateTime"].as_f64()?;
    Some(UNIX_EPOCH + Duration::try_from_secs_f64(seconds).ok()?)
}

/// `batchItemFailures` (ReportBatchItemFailures): the batch starts again at the first record that failed, or as a whole if
/// none has such a number.
fn first_failure(answer: &[u8], records: &[Value]) -> Option<usize> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let failures = answer.get("batchItemFailures")?.as_array().filter(|failures| !failures.is_empty())?;
    let is_failed = |record: &Value| {
        failures.iter().any(|failure| failure["itemIdentifier"] == record["dynamodb"]["SequenceNumber"])
    };
    Some(records.iter().position(is_failed).unwrap_or(0))
}

#[cfg(test)]
mod tests;
