//! The schedule's function: what must happen each minute without anybody asking.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent};
use shared::lambda::app::App;
use tokio::time::Instant;

use crate::runtime::time_left;

/// What is under way when the time for questions is up may take so long to end.
const TIME_TO_END: Duration = Duration::from_secs(15);

/// Serves one ring of the schedule; what the event says does not matter.
///
/// # Errors
/// If a session could not be looked after; the next minute tries again.
pub async fn handle(app: Arc<App>, event: LambdaEvent<EventBridgeEvent>) -> Result<(), Error> {
    let begun = Instant::now();
    let outcome = app.housekeeping().run(begun + time_left(&event.context).saturating_sub(TIME_TO_END)).await;
    let ended = if outcome.is_ok() { "ok" } else { "again" };
    tracing::info!(duration_ms = begun.elapsed().as_millis() as u64, outcome = ended, "house kept");
    Ok(outcome?)
}
