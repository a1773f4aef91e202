//! Connections to the chat, with TLS where the address says so.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::target::Target;

/// So many connections share one loopback address: each address has some 28,000 ports, of which those that were closed lately
/// cannot be used.
const CONNECTIONS_PER_SOURCE: usize = 5_000;

/// One connection.
pub(crate) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Opens connections.
pub struct Connector {
    target: Target,
    address: SocketAddr,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    opened: Cell<usize>,
}

impl Connector {
    /// Connections to the chat at this address.
    ///
    /// # Errors
    /// An address that leads nowhere.
    pub async fn new(target: Target) -> io::Result<Connector> {
        let mut addresses = tokio::net::lookup_host((target.host.clone(), target.port)).await?;
        let address = addresses.next().ok_or_else(|| io::Error::other(format!("{} has no address", target.host)))?;
        let tls = if target.is_secure { Some(tls_to(&target.host)?) } else { None };
        Ok(Connector { target, address, tls, opened: Cell::new(0) })
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) async fn connect(&self) -> io::Result<Wire> {
        let stream = match self.address {
            SocketAddr::V4(address) if address.ip().is_loopback() => {
                let socket = TcpSocket::new_v4()?;
                socket.bind(SocketAddr::new(self.next_source(), 0))?;
                socket.connect(self.address).await?
            }
            address => TcpStream::connect(address).await?,
        };
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Wire::Plain(stream),
            Some((connector, name)) => Wire::Tls(Box::new(connector.connect(name.clone(), stream).await?)),
        })
    }

    fn next_source(&self) -> IpAddr {
        let opened = self.opened.replace(self.opened.get() + 1);
        let last = 1 + (opened / CONNECTIONS_PER_SOURCE % 250) as u8;
        IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
    }
}

fn tls_to(host: &str) -> io::Result<(TlsConnector, ServerName<'static>)> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Wire::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Wire::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Wire::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Wire::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
