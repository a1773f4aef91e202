//! Listening on a port.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

/// The port cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {cause}")]
pub struct ListenError {
    address: String,
    cause: io::Error,
}

/// Listens on a host; on 127.0.0.1 and, where there is one, ::1 if none is given. Port 0 takes a free one.
pub(crate) async fn listen(host: Option<IpAddr>, port: u16) -> Result<Vec<TcpListener>, ListenError> {
    let bind = |ip: IpAddr, port: u16| async move {
        let address = SocketAddr::new(ip, port);
        let cannot = |cause| ListenError { address: address.to_string(), cause };
        TcpListener::bind(address).await.map_err(cannot)
    };
    let first = bind(host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), port).await?;
    if host.is_some() {
        return Ok(vec![first]);
    }
    let chosen = first.local_addr().map_or(port, |address| address.port());
    match bind(IpAddr::V6(Ipv6Addr::LOCALHOST), chosen).await {
        Ok(second) => Ok(vec![first, second]),
        // Another program has ::1: half of the clients would reach it.
        Err(ListenError { address, cause }) if port != 0 && cause.kind() == io::ErrorKind::AddrInUse => {
            Err(ListenError { address, cause })
        }
        Err(_no_ipv6) => Ok(vec![first]),
    }
}

/// Where these listen.
pub(crate) fn addresses(listeners: &[TcpListener]) -> Vec<SocketAddr> {
    listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
}
