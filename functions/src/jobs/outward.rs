//! The streams of the chat and the audit table, and the schedule, each minute: tells the operator's own systems what happened.

use std::time::Duration;

use aws_lambda_events::event::dynamodb::Event;
use lambda_runtime::Error;
use serde_json::Value;
use shared::domain::error::ChatError;
use shared::lambda::app::App;
use shared::lambda::outward::events;
use tokio::time::Instant;

/// Time that is left for the sends under way when no new one is begun any more.
const TIME_TO_END: Duration = Duration::from_secs(15);

/// Serves a batch of records, or one minute.
///
/// # Errors
/// If a table fails, or a record cannot be read. The batch is delivered again then, and the next minute tries again.
pub async fn handle(app: &App, event: Value, deadline: Instant) -> Result<(), Error> {
    let begun = Instant::now();
    let until = begun + deadline.saturating_duration_since(begun).saturating_sub(TIME_TO_END);
    let (records, outcome) = if event["Records"].is_array() {
        let told = events(serde_json::from_value::<Event>(event)?)?;
        (told.len(), app.outward().tell(&told, until).await)
    } else {
        (0, app.outward().retry(until).await)
    };
    if let Err(ChatError::Unavailable(cause)) = &outcome {
        tracing::error!(error = %cause, "events are told again later");
    }
    let ended = if outcome.is_ok() { "ok" } else { "again" };
    tracing::info!(
        events.count = records,
        duration_ms = begun.elapsed().as_millis() as u64,
        outcome = ended,
        "events told"
    );
    Ok(outcome?)
}
