//! The chat table's stream: flushes every session that the records name.

use aws_lambda_events::event::dynamodb::Event;
use lambda_runtime::Error;
use shared::domain::error::ChatError;
use shared::lambda::app::App;
use shared::lambda::stream::Batch;
use shared::platform::trace;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Instrument;

/// Serves one batch of records.
///
/// # Errors
/// Only if nothing was posted for some session: then the batch is delivered again, which does no harm.
pub async fn handle(app: &App, event: Event, deadline: Instant) -> Result<(), Error> {
    let begun = Instant::now();
    let batch = Batch::read(event);
    let (mut flushes, sessions) = (JoinSet::new(), batch.sessions.len());
    for (session_id, pending) in batch.sessions {
        let broadcast = app.broadcast().clone();
        flushes.spawn(async move { broadcast.flush(session_id, pending, deadline).await }.in_current_span());
    }
    let mut outcome = Ok(());
    while let Some(flushed) = flushes.join_next().await {
        if let Err(error) = flushed? {
            // What Lambda reports is the public sentence: only this line says why.
            if let ChatError::Unavailable(cause) = &error {
                tracing::error!(error = %cause, "a batch will be delivered again");
            }
            outcome = Err(error.into());
        }
    }
    tracing::info!(
        records.count = batch.records,
        sessions.count = sessions,
        duration_ms = begun.elapsed().as_millis() as u64,
        trace.ids = trace::join(&batch.traces),
        outcome = if outcome.is_ok() { "ok" } else { "again" },
        "stream batch served"
    );
    outcome
}
