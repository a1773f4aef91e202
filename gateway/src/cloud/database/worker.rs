//! The embedded engine for functions of this process: requests of SDK clients, answered without a port.
//!
//! The engine answers synchronously behind one lock, so a thread of its own keeps that away from the APIs. Reads that need no engine
//! ([`Reads`]) are done where they are asked for: they wait for nobody, and take less time than changing the thread.

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
use super::reads::{Outcome, Reads};

/// A running worker.
pub(super) struct Worker {
    jobs: Sender<Job>,
    reads: Reads,
    thread: JoinHandle<()>,
}

enum Job {
    Run { operation: String, body: Bytes, answer: oneshot::Sender<Response<Bytes>> },
    Stop,
}

impl Worker {
    pub(super) fn start(engine: dynoxide::Database, reads: Reads) -> Result<Worker, DatabaseError> {
        let (jobs, queue) = mpsc::channel();
        let thread = std::thread::Builder::new().name("dynamodb".to_owned()).spawn(move || work(&engine, &queue));
        Ok(Worker { jobs, reads, thread: thread.map_err(of_engine)? })
    }

    /// The reads that need no engine.
    #[cfg(test)]
    pub(super) fn reads(&self) -> &Reads {
        &self.reads
    }

    /// What answers the requests of SDK clients.
    pub(super) fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector { jobs: self.jobs.clone(), reads: self.reads.clone() })
    }

    /// Lets the requests that are there finish. Later ones find nobody, as at a port that is closed.
    pub(super) fn stop(self) {
        self.reads.close();
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

struct Connector {
    jobs: Sender<Job>,
    reads: Reads,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (jobs, reads) = (self.jobs.clone(), self.reads.clone());
        HttpConnectorFuture::new(async move {
            let operation = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
            let body = request.into_body().collect().await.map_err(ConnectorError::user)?.to_bytes();
            // A handler that only reads lets others go on all the same.
            tokio::task::coop::consume_budget().await;
            let new_form = match reads.answer(&operation, &body) {
                Outcome::Read(json) => return response(operations::success(json)),
                Outcome::Left(new_form) => new_form,
            };
            let (answer, answered) = oneshot::channel();
            let is_closed = |_| ConnectorError::io("the database is closed".into());
            jobs.send(Job::Run { operation, body, answer }).map_err(|_| is_closed(()))?;
            let answer = answered.await.map_err(|_| is_closed(()))?;
            if let Some(new_form) = new_form.filter(|_| answer.status().is_success()) {
                reads.accept(new_form);
            }
            response(answer)
        })
    }
}

fn response(answer: Response<Bytes>) -> Result<HttpResponse, ConnectorError> {
    HttpResponse::try_from(answer.map(SdkBody::from)).map_err(|error| ConnectorError::other(error.into(), None))
}
