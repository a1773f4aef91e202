//! The embedded engine for functions of this process: requests of SDK clients, answered without a port.
//!
//! The engine answers synchronously behind one lock, so a thread of its own keeps that away from the APIs.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use tokio::sync::oneshot;

use super::error::{DatabaseError, of_engine};
use super::operations;

/// A running worker.
pub(super) struct Worker {
    jobs: Sender<Job>,
    thread: JoinHandle<()>,
}

enum Job {
    Run { operation: String, body: Bytes, answer: oneshot::Sender<Response<Bytes>> },
    Stop,
}

impl Worker {
    pub(super) fn start(engine: dynoxide::Database) -> Result<Worker, DatabaseError> {
        let (jobs, queue) = mpsc::channel();
        let thread = std::thread::Builder::new().name("dynamodb".to_owned()).spawn(move || work(&engine, &queue));
        Ok(Worker { jobs, thread: thread.map_err(of_engine)? })
    }

    /// What answers the requests of SDK clients.
    pub(super) fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector(self.jobs.clone()))
    }

    /// Lets the requests that are there finish. Later ones find nobody, as at a port that is closed.
    pub(super) fn stop(self) {
        let _worker_has_ended = self.jobs.send(Job::Stop);
        if self.thread.join().is_err() {
            tracing::error!("the database's worker crashed");
        }
    }
}

fn work(engine: &dynoxide::Database, queue: &Receiver<Job>) {
    while let Ok(Job::Run { operation, body, answer }) = queue.recv() {
        // A caller that has gone meanwhile changes nothing: DynamoDB would not notice either.
        let _caller_is_gone = answer.send(operations::answer(engine, &operation, &body));
    }
}

#[derive(Debug)]
struct Connector(Sender<Job>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let jobs = self.0.clone();
        HttpConnectorFuture::new(async move {
            let operation = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
            let body = request.into_body().collect().await.map_err(ConnectorError::user)?.to_bytes();
            let (answer, answered) = oneshot::channel();
            let is_closed = |_| ConnectorError::io("the database is closed".into());
            jobs.send(Job::Run { operation, body, answer }).map_err(|_| is_closed(()))?;
            let response = answered.await.map_err(|_| is_closed(()))?;
            HttpResponse::try_from(response.map(SdkBody::from))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
