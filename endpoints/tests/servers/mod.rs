//! Certificate authorities and servers on loopback.

use std::ops::Range;
use std::sync::Arc;

use endpoints::regions::Endpoint;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    rustls::crypto::aws_lc_rs::default_provider().into()
}

/// A certificate authority of its own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Authority(CertifiedIssuer::self_signed(params, key).expect("a root"))
    }

    /// The settings of a client that trusts this authority alone.
    pub(crate) fn trust(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("a root");
        let config = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
        config.expect("versions").with_root_certificates(roots).with_no_client_auth()
    }

    /// The settings of a server whose certificate is for a name, and valid between the first days of two years.
    pub(crate) fn certificate(&self, name: &str, years: Range<i32>) -> ServerConfig {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_before = date_time_ymd(years.start, 1, 1);
        params.not_after = date_time_ymd(years.end, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
        config
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a server")
    }
}

/// A server, until it is dropped.
pub(crate) struct Server {
    port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Speaks TLS.
    pub(crate) async fn tls(config: ServerConfig) -> Server {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Server::serving(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                // A client that refuses the certificate ends the handshake.
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let _ = stream.read(&mut [0]).await;
                }
            }
        })
        .await
    }

    /// Reads what the client says first, answers this, and hangs up.
    pub(crate) async fn saying(text: &'static [u8]) -> Server {
        Server::serving(move |mut stream| async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(text).await;
        })
        .await
    }

    /// Takes connections, and says nothing.
    pub(crate) async fn silent() -> Server {
        Server::serving(|stream| async move {
            std::future::pending::<()>().await;
            drop(stream);
        })
        .await
    }

    /// A port at which nobody listens.
    pub(crate) async fn absent() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Server { port: listener.local_addr().expect("bound").port(), task: tokio::spawn(async {}) }
    }

    async fn serving<F>(serve: impl Fn(tokio::net::TcpStream) -> F + Send + 'static) -> Server
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        Server { port, task }
    }

    /// This server as an endpoint whose certificate must be for a name.
    pub(crate) fn endpoint(&self, name: &str) -> Endpoint {
        let text = str::to_owned;
        Endpoint {
            region: text("loopback-1"),
            service: text("dynamodb"),
            host: text("localhost"),
            name: text(name),
            port: self.port,
        }
    }
}
