//! Posts to open sockets through `@connections`, and says what became of it in the broadcast's own words.

mod poster;

use std::fmt::Write;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::error::SdkError;
use bytes::Bytes;

pub use self::poster::Poster;

use super::meter::Meter;
use crate::rules::emf::Metric;

/// Why a frame did not reach a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostFailure {
    /// 410: there is no such socket, or its handshake is still under way.
    Gone,
    /// 429, 5xx or no answer: worth another try.
    Busy,
    /// Anything else: another try would end the same.
    Refused,
}

/// A frame as it is posted: encoded and hashed once, however many sockets get it.
#[derive(Clone, Debug)]
pub struct Payload {
    text: Bytes,
    /// In hexadecimal digits, as a signature wants it.
    sha256: Arc<str>,
}

impl Payload {
    /// The frame with this text.
    pub fn new(text: impl Into<String>) -> Payload {
        let text = Bytes::from(text.into());
        let mut sha256 = String::with_capacity(64);
        for byte in digest(&SHA256, &text).as_ref() {
            let _never_fails = write!(sha256, "{byte:02x}");
        }
        Payload { text, sha256: sha256.into() }
    }

    /// Its size in bytes.
    pub fn size(&self) -> usize {
        self.text.len()
    }
}

/// The management door of the WebSocket API.
#[derive(Clone, Debug)]
pub struct Sockets {
    client: Client,
    poster: Poster,
    meter: Arc<Meter>,
}

impl Sockets {
    /// The door behind these clients: the poster for posts, the SDK's for everything rare.
    pub fn new(client: Client, poster: Poster, meter: Arc<Meter>) -> Sockets {
        Sockets { client, poster, meter }
    }

    /// Posts one text frame.
    ///
    /// # Errors
    /// [`PostFailure`] says whether another try can help.
    pub async fn post(&self, connection_id: &str, frame: &Payload) -> Result<(), PostFailure> {
        let posted = match self.poster.post(connection_id, frame).await {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) => Err(failure_of_status(status.as_u16())),
            Err(error) => {
                tracing::debug!(connection.id = connection_id, error = %error, "a post has no answer");
                Err(PostFailure::Busy)
            }
        };
        self.meter.add(metric_of(posted), 1);
        posted
    }

    /// Whether a socket is open, as far as API Gateway knows.
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

    /// Closes a socket; one that is closed already is fine, too.
    ///
    /// # Errors
    /// [`PostFailure`] other than `Gone`.
    pub async fn close(&self, connection_id: &str) -> Result<(), PostFailure> {
        match self
            .client
            .delete_connection()
            .connection_id(connection_id)
            .send()
            .await
            .map_err(|error| failure_of(&error))
        {
            Ok(_) | Err(PostFailure::Gone) => Ok(()),
            Err(failure) => Err(failure),
        }
    }
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
        429 | 500.. => PostFailure::Busy,
        _ => PostFailure::Refused,
    }
}
