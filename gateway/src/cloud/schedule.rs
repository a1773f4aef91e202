//! The schedule: invokes a function every minute with the event that EventBridge would send, never twice at a time.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use shared::platform::clock::Clock;
use tokio::sync::Mutex;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cloud::database::Database;
use crate::cloud::engine::Engine;
use crate::cloud::engine::trace::Trace;
use crate::cloud::template::ScheduleSpec;

/// When the schedule fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleMode {
    /// As often as the template says.
    Periodic,
    /// Only when a test fires it.
    OnlyWhenFired,
}

/// A running schedule.
#[derive(Clone)]
pub struct Schedule {
    spec: ScheduleSpec,
    engine: Engine,
    clock: Clock,
    running: Arc<Mutex<()>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Schedule {
    /// Starts it. It fires at once, which repairs the state after a crash. Each time, the database also deletes expired rows, as
    /// DynamoDB does in its own time.
    pub fn start(
        spec: ScheduleSpec,
        mode: ScheduleMode,
        engine: Engine,
        clock: Clock,
        database: Arc<Database>,
    ) -> Schedule {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let schedule = Schedule { spec, engine, clock, running: Arc::default(), stop, tasks };
        schedule.tasks.close();
        if mode == ScheduleMode::OnlyWhenFired {
            return schedule;
        }
        let firing = schedule.clone();
        schedule.tasks.spawn(async move {
            let mut period = tokio::time::interval(firing.spec.every);
            period.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = period.tick() => {}
                    () = firing.stop.cancelled() => return,
                }
                firing.fire().await;
                let database = Arc::clone(&database);
                match tokio::task::spawn_blocking(move || database.sweep()).await {
                    Ok(Ok(deleted)) => tracing::debug!(rows.deleted = deleted, "expired rows were deleted"),
                    Ok(Err(error)) => tracing::error!(error = %error, "expired rows could not be deleted"),
                    Err(crash) => tracing::error!(error = %crash, "deleting expired rows crashed"),
                }
            }
        });
        schedule
    }

    /// Invokes the function now and waits for its end.
    pub async fn fire(&self) {
        let _alone = self.running.lock().await;
        let _logged_by_the_engine =
            self.engine.invoke_event(&self.spec.function, event(self.clock.now()), &Trace::of(None)).await;
    }

    /// Stops after the invocation that is under way.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

/// The event of a schedule, as EventBridge sends it.
fn event(now: Timestamp) -> Bytes {
    let event = json!({
        "version": "0",
        "id": crate::cloud::engine::uuid_like(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:000000000000:rule/live-chat-housekeep"],
        "detail": {},
    });
    Bytes::from(event.to_string())
}
