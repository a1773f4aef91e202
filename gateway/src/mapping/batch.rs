//! Delivers one batch: again, split and in the end parked, as the mapping's settings say.

use std::collections::VecDeque;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::MappingOptions;
use crate::engine::Engine;
use crate::template::MappingSpec;

/// How long to wait before the first further try, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Deliverer {
    engine: Engine,
    spec: MappingSpec,
    dead_letters: PathBuf,
}

/// A part of a batch, with what was tried already.
struct Part {
    records: Vec<Value>,
    tries: u32,
}

impl Deliverer {
    pub(super) fn new(options: &MappingOptions, engine: Engine) -> Deliverer {
        Deliverer { engine, spec: options.spec.clone(), dead_letters: options.dead_letters.clone() }
    }

    /// Delivers records in their order. `false` if it was stopped before all were delivered or parked.
    pub(super) async fn deliver(&self, records: Vec<Value>, stop: &CancellationToken) -> bool {
        let (since, mut wait) = (Instant::now(), FIRST_WAIT);
        let mut parts = VecDeque::from([Part { records, tries: 0 }]);
        while let Some(part) = parts.pop_front() {
            let Err(rest) = self.try_once(part).await else { continue };
            let too_often = self.spec.maximum_retry_attempts.is_some_and(|most| rest.tries > most);
            if too_often || since.elapsed() >= self.spec.maximum_record_age {
                self.park(&rest);
                continue;
            }
            if self.spec.bisect_on_error && rest.records.len() > 1 {
                let (mut first, tries) = (rest.records, rest.tries);
                let second = first.split_off(first.len() / 2);
                parts.push_front(Part { records: second, tries });
                parts.push_front(Part { records: first, tries });
            } else {
                parts.push_front(rest);
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(LONGEST_WAIT),
                () = stop.cancelled() => return false,
            }
        }
        true
    }

    /// Invokes the function with a part; what is left of it if that failed.
    async fn try_once(&self, part: Part) -> Result<(), Part> {
        let payload = Bytes::from(json!({"Records": part.records}).to_string());
        let tries = part.tries + 1;
        match self.engine.invoke(&self.spec.function, payload).await {
            Err(_logged_by_the_engine) => Err(Part { records: part.records, tries }),
            Ok(answer) => {
                let failed = first_failure(&answer, &part.records);
                let mut records = part.records;
                match failed {
                    None => Ok(()),
                    Some(first) => Err(Part { records: records.split_off(first), tries }),
                }
            }
        }
    }

    /// Notes which records nobody could handle, without their contents, as AWS does.
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

/// `batchItemFailures` (ReportBatchItemFailures): the batch starts again at the first record that failed.
fn first_failure(answer: &[u8], records: &[Value]) -> Option<usize> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let failures = answer.get("batchItemFailures")?.as_array()?;
    let is_failed = |record: &Value| {
        failures.iter().any(|failure| failure["itemIdentifier"] == record["dynamodb"]["SequenceNumber"])
    };
    records.iter().position(is_failed)
}
