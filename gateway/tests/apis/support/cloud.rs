//! A running gateway, and the client's end of its sockets.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use futures_util::{SinkExt, StreamExt};
use gateway::apis::router::Apis;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

use super::{connection_id, http, within};
use crate::way::Way;

/// A running gateway.
pub(crate) struct Cloud {
    pub(crate) public: SocketAddr,
    pub(crate) internal: SocketAddr,
    /// Which way the internal APIs are called.
    pub(crate) way: Way,
    pub(crate) in_process: SharedHttpConnector,
    /// The WebSocket API's own address.
    pub(crate) websocket: SocketAddr,
    pub(crate) apis: Apis,
    pub(crate) shutdown: CancellationToken,
    pub(crate) server: JoinHandle<()>,
    pub(super) told: BTreeMap<String, Mutex<mpsc::UnboundedReceiver<Value>>>,
}

impl Cloud {
    /// The next event that a function got.
    pub(crate) async fn event(&self, function: &str) -> Value {
        within(self.told[function].lock().await.recv()).await.expect("the function lives as long as the gateway")
    }

    /// How many events of a function the test has not read yet.
    pub(crate) async fn waiting_events(&self, function: &str) -> usize {
        self.told[function].lock().await.len()
    }

    /// A URL of the strict WebSocket API.
    pub(crate) fn strict(&self, path_and_query: &str) -> String {
        format!("ws://{}{path_and_query}", self.websocket)
    }

    /// Opens a socket and takes the `CONNECT` event's id.
    pub(crate) async fn socket(&self) -> Socket {
        let (stream, _) = within(connect_async(self.strict("/prod"))).await.expect("the handshake succeeds");
        let id = connection_id(&self.event("ws-connect").await);
        Socket { stream, id }
    }

    /// The status with which a handshake is refused.
    pub(crate) async fn refusal(&self, path_and_query: &str) -> u16 {
        match within(connect_async(self.strict(path_and_query))).await {
            Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
            other => panic!("the handshake should be refused, not {other:?}"),
        }
    }

    /// Sends a signed request to `@connections`.
    pub(crate) async fn management(&self, method: reqwest::Method, id: &str, body: &str) -> reqwest::Response {
        let id = id.replace('=', "%3D");
        let url = format!("http://{}/prod/@connections/{id}", self.internal);
        self.call(http().request(method, url).body(body.to_owned()), "execute-api").await
    }

    /// Posts to a socket and returns the status.
    pub(crate) async fn post(&self, id: &str, body: &str) -> u16 {
        self.management(reqwest::Method::POST, id, body).await.status().as_u16()
    }

    /// Posts frames of 100 KB to a socket that does not read until its queue is full. Returns how many were taken. The text of each
    /// begins with its number.
    pub(crate) async fn post_until_full(&self, id: &str) -> usize {
        for taken in 0..1_000 {
            match self.post(id, &format!("{taken} {}", "x".repeat(100 * 1024))).await {
                200 => {}
                429 => return taken,
                other => panic!("a post answered {other}"),
            }
        }
        panic!("the queue took 100 MB");
    }
}

/// A client's end of a socket.
pub(crate) struct Socket {
    pub(crate) stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) id: String,
}

impl Socket {
    /// Sends a text frame.
    pub(crate) async fn send(&mut self, text: &str) {
        self.send_message(Message::text(text)).await;
    }

    /// Sends any frame.
    pub(crate) async fn send_message(&mut self, message: Message) {
        within(self.stream.send(message)).await.expect("the socket takes it");
    }

    /// The next text frame.
    pub(crate) async fn text(&mut self) -> String {
        match within(self.stream.next()).await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("a text frame should come, not {other:?}"),
        }
    }

    /// The close frame that ends the socket; other frames before it are skipped.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            match within(self.stream.next()).await {
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    return (code.into(), reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("a close frame should come, not {other:?}"),
            }
        }
    }
}
