//! The chat table's stream: flushes every session that the records name.

use aws_lambda_events::event::dynamodb::Event;
use lambda_runtime::Error;
use shared::domain::error::ChatError;
use shared::lambda::app::App;
use shared::lambda::stream::Batch;
use shared::platform::trace;
use tokio::time::Instant;

/// Serves one batch of records.
///
/// # Errors
/// Only if nothing was posted for some session: then the batch is delivered again, which does no harm.
pub async fn handle(app: &App, event: Event, deadline: Instant) -> Result<(), Error> {
    let begun = Instant::now();
    let batch = Batch::read(event);
    let sessions = batch.sessions.len();
    let outcome = app.broadcast().serve(batch.sessions, deadline).await;
    // What Lambda reports is the public sentence: only this line says why.
    if let Err(ChatError::Unavailable(cause)) = &outcome {
        tracing::error!(error = %cause, "a batch will be delivered again");
    }
    tracing::info!(
        records.count = batch.records,
        sessions.count = sessions,
        duration_ms = begun.elapsed().as_millis() as u64,
        trace.ids = trace::join(&batch.traces),
        outcome = if outcome.is_ok() { "ok" } else { "again" },
        "stream batch served"
    );
    Ok(outcome?)
}
