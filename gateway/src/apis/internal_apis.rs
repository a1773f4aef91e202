//! The APIs that functions call, `@connections` and Lambda's Invoke API: on the internal port behind its [`Door`], and for the functions
//! of this process without either.

use bytes::Bytes;
use http::request::Parts;
use http::{Request, StatusCode};
use percent_encoding::percent_decode_str;
use std::sync::Arc;

use crate::apis::connections::Connections;
use crate::apis::{invoke_api, management_api};
use crate::cloud::engine::Engine;
use crate::http::door::{Door, Protocol};
use crate::http::limits::Limits;
use crate::http::reply::{self, Reply};

/// See the module.
pub(super) struct InternalApis {
    pub(super) connections: Arc<Connections>,
    pub(super) engine: Engine,
    pub(super) limits: Limits,
    pub(super) stage: String,
    pub(super) door: Door,
}

impl InternalApis {
    /// Answers a request that came to this port of the machine, if it is signed.
    pub(super) async fn answer_at_the_door<B>(&self, request: Request<B>, local_port: u16) -> Reply
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let (head, body) = request.into_parts();
        let protocol = protocol(&head);
        let knock = match self.door.knock(&head, local_port, protocol) {
            Ok(knock) => knock,
            Err(refusal) => return refusal.reply(protocol),
        };
        let body = match self.read(&head, body).await {
            Ok(body) => body,
            Err(refusal) => return refusal,
        };
        match self.door.open(&knock, &body) {
            Ok(()) => self.dispatch(&head, body).await,
            Err(refusal) => refusal.reply(protocol),
        }
    }

    /// Answers a request of this process, which nothing from outside can make.
    pub(super) async fn answer_in_process<B>(&self, request: Request<B>) -> Reply
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let (head, body) = request.into_parts();
        match self.read(&head, body).await {
            Ok(body) => self.dispatch(&head, body).await,
            Err(refusal) => refusal,
        }
    }

    /// The body, or the API's own refusal of it.
    async fn read<B>(&self, head: &Parts, body: B) -> Result<Bytes, Reply>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let limit = match protocol(head) {
            Protocol::Lambda => invoke_api::body_bytes(&self.limits, &head.headers),
            _ => self.limits.message_bytes,
        };
        reply::read_body(body, limit, self.limits.body_read).await.map_err(|error| match protocol(head) {
            Protocol::Lambda => invoke_api::unread(error, limit),
            _ => management_api::unread(error),
        })
    }

    async fn dispatch(&self, head: &Parts, body: Bytes) -> Reply {
        match head.uri.path().strip_prefix(invoke_api::PATH_PREFIX) {
            Some(tail) => invoke_api::answer(&self.engine, tail, head, body).await,
            None => self.answer_management(head, body),
        }
    }

    fn answer_management(&self, head: &Parts, body: Bytes) -> Reply {
        let path = head.uri.path();
        let segments = path.strip_prefix('/').unwrap_or(path).split('/');
        let mut segments = segments.map(|segment| percent_decode_str(segment).decode_utf8_lossy());
        let address = [(); 4].map(|()| segments.next());
        match address.each_ref().map(Option::as_deref) {
            [Some(stage), Some("@connections"), Some(id), None] if stage == self.stage => {
                management_api::answer(&self.connections, id, &head.method, body)
            }
            _ => forbidden(),
        }
    }
}

fn protocol(head: &Parts) -> Protocol {
    if head.uri.path().starts_with(invoke_api::PATH_PREFIX) { Protocol::Lambda } else { Protocol::Connections }
}

/// The answer to a path that no API of this stage has.
pub(super) fn forbidden() -> Reply {
    reply::typed_error(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden")
}
