//! An invocation by `broadcast`: flushes topics that its turns deferred, each once it is due.

use lambda_runtime::Error;
use shared::broadcast::deferral::LaterJob;
use shared::domain::error::ChatError;
use shared::lambda::app::App;
use tokio::time::Instant;

/// Flushes the topics of each deferral.
///
/// # Errors
/// If a table fails. What is not flushed stays in the session's cursor, for its next turn.
pub async fn handle(app: &App, job: LaterJob, deadline: Instant) -> Result<(), Error> {
    let (begun, count) = (Instant::now(), job.deferrals.len());
    let outcome = app.broadcast().flush_later(job.deferrals, deadline).await;
    if let Err(ChatError::Unavailable(cause)) = &outcome {
        tracing::error!(error = %cause, "what was deferred waits for the next turn");
    }
    tracing::info!(
        deferrals.count = count,
        duration_ms = begun.elapsed().as_millis() as u64,
        outcome = if outcome.is_ok() { "ok" } else { "left" },
        "deferred topics flushed"
    );
    Ok(outcome?)
}
