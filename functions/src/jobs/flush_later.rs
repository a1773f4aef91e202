//! An invocation by `broadcast`: flushes topics that its turns deferred, each once it is due.

use lambda_runtime::Error;
use shared::broadcast::deferral::LaterJob;
use shared::domain::error::ChatError;
use shared::lambda::app::App;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Instrument;

/// Flushes the topics of each deferral.
///
/// # Errors
/// If a table fails. What is not flushed stays in the session's cursor, for its next turn.
pub async fn handle(app: &App, job: LaterJob, deadline: Instant) -> Result<(), Error> {
    let (begun, count) = (Instant::now(), job.deferrals.len());
    let mut flushes = JoinSet::new();
    for deferral in job.deferrals {
        let broadcast = app.broadcast().clone();
        flushes.spawn(async move { broadcast.flush_when_due(deferral, deadline).await }.in_current_span());
    }
    let mut outcome = Ok(());
    while let Some(flushed) = flushes.join_next().await {
        if let Err(error) = flushed? {
            if let ChatError::Unavailable(cause) = &error {
                tracing::error!(error = %cause, "what was deferred waits for the next turn");
            }
            outcome = Err(error.into());
        }
    }
    tracing::info!(
        deferrals.count = count,
        duration_ms = begun.elapsed().as_millis() as u64,
        outcome = if outcome.is_ok() { "ok" } else { "left" },
        "deferred topics flushed"
    );
    outcome
}
