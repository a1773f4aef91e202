//! Who is at the other end of a connection.

use std::net::SocketAddr;

use crate::http::header_case::Tape;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Where it is.
    pub(crate) address: SocketAddr,
    /// The port to which it connected.
    pub(crate) local_port: u16,
    /// What it said last, for the case of its header names.
    pub(crate) tape: Tape,
}
