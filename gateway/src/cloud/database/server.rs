//! Serves the embedded engine as DynamoDB on a loopback port, behind the [`Door`], to functions that run elsewhere and to the holder of
//! the run's key. dynoxide's own server lets everybody in, and every page read its answers.

use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::error::{DatabaseError, of_engine};
use super::operations;
use crate::http::door::{AccessKey, Door, Protocol};

/// A running server.
pub(super) struct Server {
    url: String,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

struct Service {
    engine: dynoxide::Database,
    door: Door,
    port: u16,
}

impl Server {
    /// The engine answers synchronously behind one lock: a thread and a runtime of its own keep that away from the APIs.
    pub(super) fn start(engine: dynoxide::Database, key: &AccessKey) -> Result<Server, DatabaseError> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(of_engine)?;
        listener.set_nonblocking(true).map_err(of_engine)?;
        let address = listener.local_addr().map_err(of_engine)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(of_engine)?;
        let service = Arc::new(Service { engine, door: Door::new(key.clone()), port: address.port() });
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("dynamodb-port".to_owned())
            .spawn(move || runtime.block_on(serve(listener, service, stopped)))
            .map_err(of_engine)?;
        Ok(Server { url: format!("http://{address}"), stop, thread })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Lets running requests finish.
    pub(super) fn stop(self) {
        let _server_has_ended = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the database's thread crashed");
        }
    }
}

async fn serve(listener: std::net::TcpListener, service: Arc<Service>, stopped: oneshot::Receiver<()>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(error = %error, "the database is not served"),
    };
    let router = Router::new().fallback(answer).with_state(service);
    let stopped = async move {
        let _owner_is_gone = stopped.await;
    };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
        tracing::error!(error = %error, "the database is not served any more");
    }
}

async fn answer(State(service): State<Arc<Service>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let knock = match service.door.knock(&head, service.port, Protocol::DynamoDb) {
        Ok(knock) => knock,
        Err(refusal) => return refusal.reply(Protocol::DynamoDb),
    };
    let Ok(body) = to_bytes(body, operations::MAX_BODY_BYTES).await else {
        return operations::too_large().map(Body::from);
    };
    if let Err(refusal) = service.door.open(&knock, &body) {
        return refusal.reply(Protocol::DynamoDb);
    }
    let operation = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    operations::answer(&service.engine, operation, &body).map(Body::from)
}
