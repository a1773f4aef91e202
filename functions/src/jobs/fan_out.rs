//! An invocation by `broadcast`: serves one slice of a large room.

use lambda_runtime::Error;
use shared::broadcast::fan_out::{SliceJob, SliceReport};
use shared::lambda::app::App;
use tokio::time::Instant;

/// Serves one slice.
///
/// # Errors
/// If the slice cannot be read; nothing was posted then.
pub async fn handle(app: &App, job: SliceJob, _: Instant) -> Result<SliceReport, Error> {
    let begun = Instant::now();
    let report = app.broadcast().serve_slice(&job).await?;
    tracing::info!(
        session.id = job.session_id,
        slice.first = job.slice.first,
        events.count = job.events.len(),
        posts.count = report.posted,
        sockets.gone = report.gone.len(),
        sockets.stuck = report.stuck.len(),
        duration_ms = begun.elapsed().as_millis() as u64,
        trace.ids = job.traces,
        "slice served"
    );
    Ok(report)
}
