//! The stream's function: tells every room that the records name what changed in it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_lambda_events::event::dynamodb::Event;
use lambda_runtime::{Context, Error, LambdaEvent};
use shared::edge::app::App;
use shared::edge::stream::news_by_session;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Serves one batch of records.
///
/// # Errors
/// Only if nothing was posted for some session: then the batch is delivered again, which does no harm.
pub async fn handle(app: Arc<App>, event: LambdaEvent<Event>) -> Result<(), Error> {
    let deadline = Instant::now() + time_left(&event.context);
    let mut sessions = JoinSet::new();
    for (session_id, news) in news_by_session(event.payload) {
        let broadcast = app.broadcast().clone();
        sessions.spawn(async move { broadcast.tell(session_id, news, deadline).await });
    }
    let mut outcome = Ok(());
    while let Some(told) = sessions.join_next().await {
        if let Err(error) = told? {
            outcome = Err(error.into());
        }
    }
    outcome
}

/// How long Lambda lets this invocation run.
fn time_left(context: &Context) -> Duration {
    context.deadline().duration_since(SystemTime::now()).unwrap_or_default()
}
