//! Posts to open sockets through `@connections`, and says what became of it in the broadcast's own words.

use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::primitives::Blob;

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

/// The management door of the WebSocket API.
#[derive(Clone, Debug)]
pub struct Sockets {
    client: Client,
}

impl Sockets {
    /// The door behind this client.
    pub fn new(client: Client) -> Sockets {
        Sockets { client }
    }

    /// Posts one text frame.
    ///
    /// # Errors
    /// [`PostFailure`] says whether another try can help.
    pub async fn post(&self, connection_id: &str, frame: &str) -> Result<(), PostFailure> {
        let post = self.client.post_to_connection().connection_id(connection_id).data(Blob::new(frame));
        post.send().await.map(drop).map_err(|error| failure_of(&error))
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

fn failure_of<E>(error: &SdkError<E>) -> PostFailure {
    match error.raw_response().map(|response| response.status().as_u16()) {
        Some(410) => PostFailure::Gone,
        None | Some(429 | 500..) => PostFailure::Busy,
        Some(_) => PostFailure::Refused,
    }
}
