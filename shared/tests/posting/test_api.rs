//! An API like `@connections` that records its requests.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;

/// The protocols that the API offers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// HTTP/1.1 without TLS, as the local gateway.
    Plain,
    /// TLS with HTTP/2 and HTTP/1.1, as API Gateway.
    Tls,
}

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// The API, with its recorded requests.
pub(crate) struct TestApi {
    url: String,
    trust: ClientConfig,
    requests: mpsc::UnboundedReceiver<RecordedRequest>,
    status: Arc<AtomicU16>,
    connections: Arc<AtomicUsize>,
    accepting: AbortHandle,
}

impl TestApi {
    /// Starts the API on a free port.
    pub(crate) async fn open(offer: Offer) -> TestApi {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            rustls::crypto::aws_lc_rs::default_provider().install_default().expect("a server on loopback")
        });
        let (server, trust) = certificate();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a server on loopback");
        let scheme = if offer == Offer::Tls { "https" } else { "http" };
        let url = format!("{scheme}://localhost:{}/live", listener.local_addr().expect("a server on loopback").port());
        let (record, requests) = mpsc::unbounded_channel();
        let (status, connections) = (Arc::new(AtomicU16::new(200)), Arc::new(AtomicUsize::new(0)));
        let accepting = tokio::spawn({
            let (status, connections, tls) = (Arc::clone(&status), Arc::clone(&connections), TlsAcceptor::from(server));
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    connections.fetch_add(1, Ordering::Relaxed);
                    tokio::spawn(serve(
                        stream,
                        (offer == Offer::Tls).then(|| tls.clone()),
                        record.clone(),
                        Arc::clone(&status),
                    ));
                }
            }
        });
        TestApi { url, trust, requests, status, connections, accepting: accepting.abort_handle() }
    }

    /// The stage's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The TLS settings of a client.
    pub(crate) fn trust(&self) -> ClientConfig {
        self.trust.clone()
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> RecordedRequest {
        let timeout = std::time::Duration::from_secs(30);
        tokio::time::timeout(timeout, self.requests.recv()).await.expect("a request comes").expect("the API runs")
    }

    /// The number of accepted connections.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Answers with this status from now on.
    pub(crate) fn answer(&self, status: StatusCode) {
        self.status.store(status.as_u16(), Ordering::Relaxed);
    }

    /// Stops listening.
    pub(crate) async fn shut(&self) {
        self.accepting.abort();
        while !self.accepting.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}

async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    record: mpsc::UnboundedSender<RecordedRequest>,
    status: Arc<AtomicU16>,
) {
    let answer = service_fn(move |request| answer(request, record.clone(), status.load(Ordering::Relaxed)));
    let server = auto::Builder::new(TokioExecutor::new());
    // A client may break off.
    let _ended = match tls {
        Some(tls) => {
            let Ok(stream) = tls.accept(stream).await else { return };
            server.serve_connection(TokioIo::new(stream), answer).await
        }
        None => server.serve_connection(TokioIo::new(stream), answer).await,
    };
}

async fn answer(
    request: Request<Incoming>,
    record: mpsc::UnboundedSender<RecordedRequest>,
    status: u16,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let host = head.uri.authority().map(ToString::to_string);
    let request = RecordedRequest {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        host: host.unwrap_or_else(|| head.headers["host"].to_str().expect("a server on loopback").to_owned()),
        version: head.version,
        headers: head.headers,
        body: String::from_utf8(body.collect().await.expect("a server on loopback").to_bytes().into())
            .expect("a server on loopback"),
    };
    let _test_is_over = record.send(request);
    Ok(Response::builder().status(status).body(Empty::new()).expect("a server on loopback"))
}

fn certificate() -> (Arc<ServerConfig>, ClientConfig) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a server on loopback");
    let (certificate, key) = (
        made.cert.der().clone(),
        PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a server on loopback"),
    );
    let mut server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .expect("a server on loopback");
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let mut roots = RootCertStore::empty();
    roots.add(certificate).expect("a server on loopback");
    (Arc::new(server), ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}
