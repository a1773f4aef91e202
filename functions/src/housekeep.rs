//! The schedule's function: what must happen each minute without anybody asking.

use std::sync::Arc;

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent};
use shared::edge::app::App;
use tokio::time::Instant;

/// Serves one ring of the schedule; what the event says does not matter.
///
/// # Errors
/// If a session could not be looked after; the next minute tries again.
pub async fn handle(app: Arc<App>, _event: LambdaEvent<EventBridgeEvent>) -> Result<(), Error> {
    let begun = Instant::now();
    let outcome = app.housekeep().run().await;
    let ended = if outcome.is_ok() { "ok" } else { "again" };
    tracing::info!(duration_ms = begun.elapsed().as_millis() as u64, outcome = ended, "house kept");
    Ok(outcome?)
}
