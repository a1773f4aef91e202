//! A user who calls the REST API.

use reqwest::Method;
use serde_json::json;

pub use crate::answer::Answer;
use crate::schemas::rest::{self as schema, RestCall};
use crate::socket::Socket;
use crate::{log_guard, within};

/// A user with a token.
#[derive(Clone)]
pub struct User {
    /// The claim `sub`.
    pub id: String,
    /// The token.
    pub token: String,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
}

impl User {
    /// A user of the gateway at this address.
    pub fn new(id: &str, token: &str, base: &str) -> User {
        log_guard::forbid(token);
        User { id: id.to_owned(), token: token.to_owned(), base: base.to_owned(), http: http() }
    }

    /// Sends a message to a gateway that may be killed meanwhile; returns the message's id if it was acknowledged.
    pub async fn try_to_send(&self, text: &str) -> Option<u64> {
        let request = self.http.post(format!("{}/live-chat/send-message", self.base)).bearer_auth(&self.token);
        try_to_ask(request.json(&json!({"message": text}))).await.ok()?.json["message_id"].as_u64()
    }

    /// The same user with another token.
    pub fn with_token(&self, token: &str) -> User {
        log_guard::forbid(token);
        User { token: token.to_owned(), ..self.clone() }
    }

    /// `GET /live-chat/{path}`.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// `POST /live-chat/{path}` without a body.
    pub async fn post(&self, path: &str) -> Answer {
        self.call(Method::POST, path, None).await
    }

    /// `DELETE /live-chat/{path}`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// `POST /live-chat/send-message`.
    pub async fn send(&self, text: &str) -> Answer {
        self.call(Method::POST, "send-message", Some(json!({"message": text}).to_string())).await
    }

    /// `POST /live-chat/send-message` with a `client_message_id`.
    pub async fn send_as(&self, text: &str, client_message_id: &str) -> Answer {
        let body = json!({"message": text, "client_message_id": client_message_id});
        self.call(Method::POST, "send-message", Some(body.to_string())).await
    }

    /// `POST /live-chat/send-message` with any body.
    pub async fn send_body(&self, body: impl Into<String>) -> Answer {
        self.call(Method::POST, "send-message", Some(body.into())).await
    }

    /// Any call; a body is sent as JSON.
    pub async fn call(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        let mut request = self.http.request(method, format!("{}/live-chat/{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            log_guard::forbid_in(&body);
            request = request.header("content-type", "application/json").body(body);
        }
        answer(request).await
    }

    /// `PUT` of JSON under the condition of an `If-Match`.
    pub async fn put_if(&self, path: &str, body: String, if_match: &str) -> Answer {
        let request = self.http.put(format!("{}/live-chat/{path}", self.base)).bearer_auth(&self.token);
        answer(request.header("content-type", "application/json").header("if-match", if_match).body(body)).await
    }

    /// `GET` of any path outside the API, without a token.
    pub async fn page(&self, path: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.base))).await
    }

    /// A ticket.
    pub async fn ticket(&self) -> String {
        self.post("ticket").await.ok()["ticket"].as_str().expect("a ticket").to_owned()
    }

    /// Opens a socket of session 1 as in the guide.
    pub async fn connect(&self) -> Socket {
        self.connect_to("1", "").await
    }

    /// Opens a socket of a session, with further query parameters such as `&batch=1`.
    pub async fn connect_to(&self, session: &str, query: &str) -> Socket {
        match Socket::open(&self.socket_url(session, query), &[]).await {
            Ok(socket) => socket,
            Err(status) => panic!("the socket was refused with {status}"),
        }
    }

    /// Tries to open a socket of a session.
    ///
    /// # Errors
    /// The HTTP status with which the handshake was refused.
    pub async fn try_to_connect(&self, session: &str) -> Result<Socket, u16> {
        Socket::open(&self.socket_url(session, ""), &[]).await
    }

    /// The URL of a session's socket as in the guide.
    pub fn socket_url(&self, session: &str, query: &str) -> String {
        format!("{}/live-chat/ws/{session}?token={}{query}", self.base.replacen("http", "ws", 1), self.token)
    }

    /// The URL of a session's socket with a ticket instead of a token.
    pub fn ticket_url(&self, session: &str, ticket: &str) -> String {
        format!("{}/live-chat/ws/{session}?ticket={ticket}", self.base.replacen("http", "ws", 1))
    }
}

/// A client with TLS, for deployments.
pub fn http() -> reqwest::Client {
    // Another test may have installed it already.
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::new()
}

/// A client for loopback addresses only: it skips reading the system's certificates, which takes longer than everything else.
pub fn local_http() -> reqwest::Client {
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().tls_built_in_root_certs(false).no_proxy().build();
    client.expect("a client without certificates")
}

/// Sends a request and reads its response, which must be documented if it comes from the chat.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    within("an answer", try_to_ask(request)).await.expect("the gateway answers")
}

/// The same, for a gateway that may be gone.
async fn try_to_ask(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let (client, request) = request.build_split();
    let request = request?;
    let (method, path) = (request.method().clone(), request.url().path().to_owned());
    let body = request.body().and_then(|body| body.as_bytes()).map(<[u8]>::to_vec);
    let response = client.execute(request).await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    let answer = Answer { status, headers, json: serde_json::from_str(&text).unwrap_or_default(), text };
    let call = RestCall { method: method.as_str(), path: &path, body: body.as_deref() };
    if let Err(wrong) = schema::check(&call, &answer) {
        panic!("{wrong}");
    }
    Ok(answer)
}
