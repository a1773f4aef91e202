//! Serves one slice of a large room for `broadcast`, which invokes it.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent};
use shared::adapters::fan_out::{SliceJob, SliceReport};
use shared::edge::app::App;

/// Serves one slice.
///
/// # Errors
/// If the slice cannot be read; nothing was posted then.
pub async fn handle(app: Arc<App>, event: LambdaEvent<SliceJob>) -> Result<SliceReport, Error> {
    Ok(app.broadcast().serve_slice(&event.payload).await?)
}
