//! The schedule, each minute: does what must happen without a request.

use std::time::Duration;

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use lambda_runtime::Error;
use shared::lambda::app::App;
use tokio::time::Instant;

/// Time that is left for the end of work under way when nothing new is begun any more.
const TIME_TO_END: Duration = Duration::from_secs(15);

/// Serves one minute; the event's content does not matter.
///
/// # Errors
/// If a session could not be looked after; the next minute tries again.
pub async fn handle(app: &App, _: EventBridgeEvent, deadline: Instant) -> Result<(), Error> {
    let begun = Instant::now();
    let until = begun + deadline.saturating_duration_since(begun).saturating_sub(TIME_TO_END);
    let outcome = app.housekeeping().run(until).await;
    let ended = if outcome.is_ok() { "ok" } else { "again" };
    tracing::info!(duration_ms = begun.elapsed().as_millis() as u64, outcome = ended, "house kept");
    Ok(outcome?)
}
