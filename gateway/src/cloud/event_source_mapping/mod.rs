//! The event source mapping between a table's stream and a function, as Lambda runs it: batches in order, one at a time; a
//! failed batch is tried again, split, and in the end parked, so that the stream goes on.

mod batch;
mod filter;
mod readers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::batch::Deliverer;
use self::readers::Place;
pub use self::readers::Readers;
use crate::cloud::database::{Database, DatabaseError, Position, Record};
use crate::cloud::engine::Engine;
use crate::cloud::template::EventSourceMappingSpec;

/// How often Lambda polls a shard (about four times a second).
const POLL: Duration = Duration::from_millis(250);
/// Delivered records are deleted when there are so many of them, or when the stream is empty. Those that a crash leaves are delivered
/// again.
const FORGET_AFTER: usize = 500;

/// When the stream is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PollMode {
    /// As soon as a function that may have written has ended, and as often as Lambda polls.
    #[default]
    WokenByWrites,
    /// Only as often as Lambda polls: shows the cloud's latency.
    Interval,
}

/// How a mapping runs.
pub struct EventSourceMappingOptions {
    /// Its settings in the template.
    pub spec: EventSourceMappingSpec,
    /// The table's name.
    pub table: String,
    /// When the stream is read.
    pub mode: PollMode,
    /// All readers of the table's stream.
    pub readers: Readers,
    /// Where parked batches are noted, one JSON object a line.
    pub dead_letters: PathBuf,
}

/// A running event source mapping.
pub struct EventSourceMapping {
    function: String,
    again: mpsc::UnboundedSender<oneshot::Sender<()>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl EventSourceMapping {
    /// Starts reading where the last run stopped.
    pub fn start(options: EventSourceMappingOptions, database: Arc<Database>, engine: Engine) -> EventSourceMapping {
        let (again, to_redeliver) = mpsc::unbounded_channel();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let deliverer = Arc::new(Deliverer::new(engine.clone(), options.spec.clone(), options.dead_letters.clone()));
        let finished = engine.finished();
        let function = options.spec.function.clone();
        let place = options.readers.join();
        let reader =
            Reader { options, database, deliverer, place, position: Position::TrimHorizon, delivered: 0, last: None };
        let stopped = stop.clone();
        let inner = tasks.clone();
        tasks.spawn(async move { reader.run(finished, to_redeliver, &inner, &stopped).await });
        tasks.close();
        EventSourceMapping { function, again, stop, tasks }
    }

    /// Delivers the last batch once more, beside other deliveries, and waits for its end.
    pub async fn redeliver(&self) {
        let (done, is_done) = oneshot::channel();
        let _stopped = self.again.send(done);
        let _stopped = is_done.await;
    }

    /// The function that it invokes.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// Lets it stop after the batch that is under way.
    pub fn cancel(&self) {
        self.stop.cancel();
    }

    /// Lets it stop, and waits until it has.
    pub async fn stop(&self) {
        self.cancel();
        self.tasks.wait().await;
    }
}

struct Reader {
    options: EventSourceMappingOptions,
    database: Arc<Database>,
    deliverer: Arc<Deliverer>,
    place: Place,
    position: Position,
    /// Records that were delivered and not forgotten.
    delivered: usize,
    last: Option<Vec<Value>>,
}

impl Reader {
    async fn run(
        mut self,
        mut finished: watch::Receiver<u64>,
        mut to_redeliver: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) {
        while !stop.is_cancelled() {
            // Marked before the stream is read: later writes wake the next round.
            finished.borrow_and_update();
            match self.step(stop).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::error!(error = %error, "the stream could not be read"),
            }
            let woken = self.options.mode == PollMode::WokenByWrites;
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(POLL) => {}
                _engine = finished.changed(), if woken => {}
                Some(done) = to_redeliver.recv() => {
                    let (deliverer, last) = (Arc::clone(&self.deliverer), self.last.clone());
                    let stop = stop.clone();
                    tasks.spawn(async move {
                        if let Some(records) = last {
                            deliverer.deliver(records, &stop).await;
                        }
                        let _test_is_over = done.send(());
                    });
                }
            }
        }
    }

    /// Delivers one batch; `false` if the stream had none.
    async fn step(&mut self, stop: &CancellationToken) -> Result<bool, DatabaseError> {
        let (database, table) = (Arc::clone(&self.database), self.options.table.clone());
        let (position, at_most) = (self.position.clone(), self.options.spec.batch_size);
        let reading = tokio::task::spawn_blocking(move || database.records(&table, &position, at_most));
        let (records, next) = reading.await.map_err(|error| DatabaseError::Engine(error.to_string()))??;
        let Some(last) = records.last().map(|record| record.sequence_number.clone()) else {
            return Ok(false);
        };
        self.delivered += records.len();
        let is_full = records.len() == at_most;
        let batch: Vec<Value> =
            records.into_iter().filter(|record| self.passes(record)).map(|record| self.source(record)).collect();
        if !batch.is_empty() {
            self.last = Some(batch.clone());
            if !self.deliverer.deliver(batch, stop).await {
                // Stopped in the middle: the next run begins with this batch.
                return Ok(false);
            }
        }
        self.position = next;
        if !is_full || self.delivered >= FORGET_AFTER {
            self.delivered = 0;
            let Some(last) = self.place.delivered(&last) else { return Ok(true) };
            let (database, table) = (Arc::clone(&self.database), self.options.table.clone());
            let forgetting = tokio::task::spawn_blocking(move || database.forget_records(&table, &last));
            forgetting.await.map_err(|error| DatabaseError::Engine(error.to_string()))??;
        }
        Ok(true)
    }

    fn passes(&self, record: &Record) -> bool {
        let filters = &self.options.spec.filters;
        filters.is_empty() || filters.iter().any(|pattern| filter::matches(pattern, &record.json))
    }

    fn source(&self, record: Record) -> Value {
        let mut json = record.json;
        let table = &self.options.table;
        json["awsRegion"] = json!("us-east-1");
        json["eventSourceARN"] = json!(format!("arn:aws:dynamodb:us-east-1:000000000000:table/{table}/stream/local"));
        json
    }
}
