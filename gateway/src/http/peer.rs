//! The other end of a connection.

use std::net::SocketAddr;

use crate::http::header_case::RawBytes;

/// See the module.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its address.
    pub(crate) address: SocketAddr,
    /// The port to which it connected.
    pub(crate) local_port: u16,
    /// The bytes of its latest request, for the case of its header names.
    pub(crate) raw_bytes: RawBytes,
}
