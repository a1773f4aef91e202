//! Every limit of the APIs, in one place: AWS's values are the default, and tests shorten the timers.

use std::time::Duration;

/// Sizes, rates and timers of the APIs. The fields that AWS fixes hold AWS's values by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A socket over which nothing went for this long is closed with 1001.
    pub idle: Duration,
    /// However busy it is, no socket lives longer than this.
    pub lifetime: Duration,
    /// How long a WebSocket route waits for its function.
    pub websocket_integration: Duration,
    /// How long a route of the HTTP API waits for its function.
    pub http_integration: Duration,
    /// The largest WebSocket frame that a client may send, in bytes.
    pub frame_bytes: usize,
    /// The largest WebSocket message in either direction, in bytes.
    pub message_bytes: usize,
    /// The longest address (path and query) of a socket, in bytes.
    pub address_bytes: usize,
    /// The largest request line and headers together, in bytes.
    pub header_bytes: usize,
    /// The largest body of an HTTP API request, in bytes.
    pub http_body_bytes: usize,
    /// The largest payload that the Invoke API takes, in bytes.
    pub invoke_body_bytes: usize,
    /// The largest payload of an asynchronous event, in bytes.
    pub invoke_event_bytes: usize,
    /// Executions of functions that an account has at the same time.
    pub concurrent_executions: usize,
    /// Requests that `@connections` takes in a second; 0 lifts the limit.
    pub management_requests_per_second: u32,
    /// How many bytes may wait for one slow reader. AWS has such a buffer, too, but does not tell its size.
    pub outgoing_bytes: usize,
    /// How many messages of one socket are with functions at the same time; further ones wait in the network.
    pub concurrent_messages: usize,
    /// How long an answer waits for space in the sender's own full buffer before the socket is given up.
    pub stuck_answer: Duration,
    /// How long a closing socket may take to write its queue, and again for its closing handshake.
    pub closing: Duration,
    /// How long a client may take to send the headers of a request, from its connecting or its last answer on.
    pub header_read: Duration,
    /// How long a client may take to send the body of a request.
    pub body_read: Duration,
    /// How long an answer waits for a client that reads nothing of it.
    pub response_write: Duration,
    /// How long a shutdown waits for running requests and `$disconnect` functions.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            idle: Duration::from_secs(600),
            lifetime: Duration::from_secs(7_200),
            websocket_integration: Duration::from_secs(29),
            http_integration: Duration::from_secs(30),
            frame_bytes: 32 * 1024,
            message_bytes: 128 * 1024,
            address_bytes: 4_096,
            header_bytes: 10_240,
            http_body_bytes: 10 * 1024 * 1024,
            invoke_body_bytes: 6 * 1024 * 1024,
            invoke_event_bytes: 1024 * 1024,
            concurrent_executions: 1_000,
            management_requests_per_second: 10_000,
            outgoing_bytes: 1024 * 1024,
            concurrent_messages: 32,
            stuck_answer: Duration::from_secs(30),
            closing: Duration::from_secs(2),
            header_read: Duration::from_secs(30),
            body_read: Duration::from_secs(30),
            response_write: Duration::from_secs(30),
            shutdown: Duration::from_secs(5),
        }
    }
}
