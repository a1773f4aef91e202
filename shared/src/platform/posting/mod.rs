//! Open sockets, through the management API of API Gateway (`@connections`).

mod network;
mod pace;
mod payload;
mod post_error;
mod poster;
pub mod rate_limiter;

use std::sync::Arc;

use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::error::SdkError;
use tokio::time::Instant;

pub use self::pace::Pace;
use self::pace::SocketMark;
pub use self::payload::Payload;
use self::post_error::{POST_TIMEOUT, PostError};
pub use self::poster::Poster;
use self::poster::Response;

use crate::platform::metrics::emf::Metric;
use crate::platform::metrics::meter::Meter;

/// The longest handshake, in milliseconds. Until then, 410 does not mean that a socket is dead.
pub const MAX_HANDSHAKE_MS: i64 = 30_000;

/// The reason why a frame did not reach a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostFailure {
    /// 410: there is no such socket, or its handshake is still under way.
    Gone,
    /// 400 or 413: the frame itself is at fault, so another try would fail, too.
    Refused,
    /// No response, or any other status: another try may succeed. That includes 403: a wrong permission or signature is not the
    /// frame's fault, and would lose the frames of all sockets.
    Busy,
}

/// The management API of the WebSocket API.
#[derive(Clone, Debug)]
pub struct ManagementApi {
    client: Client,
    poster: Poster,
    meter: Arc<Meter>,
    pace: Arc<Pace>,
}

impl ManagementApi {
    /// The API behind these clients: the poster for posts, the SDK's client for everything else.
    pub fn new(client: Client, poster: Poster, meter: Arc<Meter>) -> ManagementApi {
        ManagementApi { client, poster, meter, pace: Arc::new(Pace::new()) }
    }

    /// The pace of all its posts.
    pub(crate) fn pace(&self) -> Arc<Pace> {
        Arc::clone(&self.pace)
    }

    /// Posts one text frame.
    ///
    /// # Errors
    /// [`PostFailure`] says whether another try can help.
    pub async fn post(&self, connection_id: &str, frame: &Payload) -> Result<(), PostFailure> {
        self.begin_post(connection_id, frame)?.outcome().await
    }

    /// Begins to post one text frame. The post makes progress only while its outcome is awaited.
    ///
    /// # Errors
    /// [`PostFailure`] if the request cannot be built.
    pub fn begin_post(&self, connection_id: &str, frame: &Payload) -> Result<Post, PostFailure> {
        let until = Instant::now() + POST_TIMEOUT;
        match self.poster.begin(connection_id, frame) {
            Ok(response) => Ok(Post {
                response,
                until,
                socket: SocketMark::of(connection_id),
                meter: Arc::clone(&self.meter),
                pace: self.pace(),
            }),
            Err(error) => Err(no_response(&self.meter, &error)),
        }
    }

    /// Whether API Gateway reports a socket as open.
    ///
    /// # Errors
    /// [`PostFailure`] other than `Gone`.
    pub async fn is_open(&self, connection_id: &str) -> Result<bool, PostFailure> {
        match self.client.get_connection().connection_id(connection_id).send().await.map_err(|error| failure_of(&error))
        {
            Ok(_) => Ok(true),
            Err(PostFailure::Gone) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Closes a socket; `false` if there is none, because it has closed already or its handshake is under way.
    ///
    /// # Errors
    /// [`PostFailure`] other than `Gone`.
    pub async fn close(&self, connection_id: &str) -> Result<bool, PostFailure> {
        match self
            .client
            .delete_connection()
            .connection_id(connection_id)
            .send()
            .await
            .map_err(|error| failure_of(&error))
        {
            Ok(_) => Ok(true),
            Err(PostFailure::Gone) => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}

/// A post that is under way. A caller that cannot wait for it can hand it on.
#[derive(Debug)]
pub struct Post {
    response: Response,
    until: Instant,
    socket: SocketMark,
    meter: Arc<Meter>,
    pace: Arc<Pace>,
}

impl Post {
    /// Waits for the outcome. A post without a response for 3 seconds has failed.
    ///
    /// # Errors
    /// [`PostFailure`] says whether another try can help.
    pub async fn outcome(mut self) -> Result<(), PostFailure> {
        let until = self.until;
        self.outcome_by(until).await.unwrap_or(Err(PostFailure::Busy))
    }

    /// Waits for the outcome until a time; `None` if the post is still under way then. It must not be called again after an outcome.
    pub async fn outcome_by(&mut self, time: Instant) -> Option<Result<(), PostFailure>> {
        match tokio::time::timeout_at(time.min(self.until), &mut self.response).await {
            Ok(Ok(status)) => {
                let posted = if (200..300).contains(&status) { Ok(()) } else { Err(failure_of_status(status)) };
                self.meter.add(metric_of(posted), 1);
                self.pace.learn(self.socket, status, Instant::now());
                Some(posted)
            }
            Ok(Err(error)) => Some(Err(no_response(&self.meter, &error))),
            Err(_elapsed) if time >= self.until => Some(Err(no_response(&self.meter, &PostError::Timeout))),
            Err(_elapsed) => None,
        }
    }
}

fn no_response(meter: &Meter, error: &PostError) -> PostFailure {
    tracing::debug!(error = %error, "a post has no response");
    meter.add(metric_of(Err(PostFailure::Busy)), 1);
    PostFailure::Busy
}

fn metric_of(posted: Result<(), PostFailure>) -> Metric {
    match posted {
        Ok(()) => Metric::Deliveries,
        Err(PostFailure::Gone) => Metric::PostsGone,
        Err(PostFailure::Busy) => Metric::PostsBusy,
        Err(PostFailure::Refused) => Metric::PostsRefused,
    }
}

fn failure_of<E>(error: &SdkError<E>) -> PostFailure {
    error.raw_response().map_or(PostFailure::Busy, |response| failure_of_status(response.status().as_u16()))
}

fn failure_of_status(status: u16) -> PostFailure {
    match status {
        410 => PostFailure::Gone,
        400 | 413 => PostFailure::Refused,
        _ => PostFailure::Busy,
    }
}
