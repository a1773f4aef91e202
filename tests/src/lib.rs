//! The harness of the integration tests: a gateway of its own for each test (free ports, own database, own clock), and
//! clients that speak real HTTP and real WebSocket to it. Tests assert what crosses the wire.

pub mod answer;
pub mod aws_calls;
pub mod checklist;
pub mod engines;
pub mod faults;
pub mod history;
pub mod jwt;
pub mod log_guard;
pub mod printed;
pub mod process;
pub mod proxy;
pub mod rest;
pub mod schemas;
pub mod socket;
pub mod template;
pub mod trial;
pub mod world;

use std::time::Duration;

/// Nothing that a test waits for takes longer.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Waits for something, and fails with its name if it does not come.
///
/// # Panics
/// After [`TIMEOUT`].
pub async fn within<T>(what: &str, event: impl Future<Output = T>) -> T {
    match tokio::time::timeout(TIMEOUT, event).await {
        Ok(value) => value,
        Err(_) => panic!("waited {TIMEOUT:?} in vain for {what}"),
    }
}
