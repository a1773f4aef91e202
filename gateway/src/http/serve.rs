//! Serves a port: accepts on its listeners, speaks HTTP/1.1 within the limits, and stops without dropping a request.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::InspectReader;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::header_case::RawBytes;
use crate::http::limits::Limits;
use crate::http::peer::Peer;
use crate::http::service::{self, Service};
use crate::http::write_timeout::{Lifted, WriteTimeout};

/// How much of a connection hyper may buffer: more than the largest head, far less than a body.
const BUFFER_BYTES: usize = 64 * 1024;

/// One port's task and how to stop it.
pub(crate) struct Serving {
    stop: CancellationToken,
    task: TaskTracker,
}

impl Serving {
    /// Serves on these listeners from now on.
    pub(crate) fn start(listeners: Vec<TcpListener>, service: impl Service) -> Serving {
        let (stop, task) = (CancellationToken::new(), TaskTracker::new());
        task.spawn(serve(listeners, service, stop.clone()));
        task.close();
        Serving { stop, task }
    }

    /// Stops, and waits until it has.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.task.wait().await;
    }
}

/// Serves until `shutdown` is cancelled. Then it accepts no more, closes all sockets with 1001, runs their
/// `$disconnect` functions and lets running requests finish, for at most [`Limits::shutdown`].
pub async fn serve(listeners: Vec<TcpListener>, service: impl Service, shutdown: CancellationToken) {
    let requests = TaskTracker::new();
    let accepting = listeners.into_iter().map(|listener| accept(listener, &service, &requests, &shutdown));
    futures_util::future::join_all(accepting).await;
    requests.close();
    let finished = async { tokio::join!(service.close_sockets(), requests.wait()) };
    if tokio::time::timeout(service.limits().shutdown, finished).await.is_err() {
        tracing::warn!(requests.running = requests.len(), "the shutdown did not wait for everything");
    }
}

async fn accept(listener: TcpListener, service: &impl Service, requests: &TaskTracker, shutdown: &CancellationToken) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                requests.spawn(converse(stream, address, service.clone(), shutdown.clone()));
            }
            Err(error) => {
                // Most likely there are too many open files: others must end before it can go on.
                tracing::error!(error.message = %error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// One connection, request after request, until it ends or becomes a socket.
async fn converse(stream: TcpStream, address: SocketAddr, service: impl Service, shutdown: CancellationToken) {
    let Ok(local) = stream.local_addr() else { return };
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let raw_bytes = RawBytes::new();
    let peer = Peer { address, local_port: local.port(), raw_bytes: raw_bytes.clone() };
    let protocol = protocol(service.limits());
    let lifted = Lifted::default();
    let stream = WriteTimeout::new(stream, service.limits().response_write, lifted.clone());
    let answer = service_fn(move |request| {
        let (service, peer) = (service.clone(), peer.clone());
        async move { Ok::<_, Infallible>(service::answer(&service, request, &peer).await) }
    });
    let io = TokioIo::new(InspectReader::new(stream, move |read| raw_bytes.record(read)));
    let mut connection = pin!(protocol.serve_connection(io, answer).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // If the connection lives on, it is a socket now.
    lifted.lift();
    if let Err(error) = ended {
        tracing::debug!(error.message = %error, "a connection broke");
    }
}

fn protocol(limits: &Limits) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_header_size(limits.header_bytes)
        .max_buf_size(BUFFER_BYTES);
    protocol
}
