//! The harness of the integration tests: a gateway of its own for each test (free ports, own database, own clock), and
//! clients that talk to it over real HTTP and real WebSockets. Tests assert on what crosses the wire.

pub mod answer;
pub mod aws_calls;
pub mod checklist;
pub mod dynamodb;
pub mod engines;
pub mod evening;
pub mod event_receiver;
pub mod faults;
pub mod filled;
pub mod history;
pub mod jwt;
pub mod key_server;
pub mod log_guard;
pub mod permissions;
pub mod printed;
pub mod process;
pub mod proxy;
pub mod rest;
pub mod review_server;
pub mod schemas;
pub mod signed;
pub mod socket;
pub mod template;
pub mod trial;
pub mod world;

use std::time::Duration;

use shared::domain::caller::Caller;

/// The timeout of every wait in a test.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// A user without a role, whose token is valid for long.
///
/// # Panics
/// If no user can have this id.
pub fn caller(user_id: &str) -> Caller {
    let claims = serde_json::json!({"sub": user_id, "exp": 4_102_444_800_u64});
    Caller::from_claims(&claims).expect("a caller")
}

/// Modes as clients see them: all off but slow mode.
pub fn slow_modes(slow_seconds: u64) -> serde_json::Value {
    serde_json::json!({"slow_seconds": slow_seconds, "audience": "everyone", "links": "allow", "unique_seconds": 0, "emoji_only": false,
        "review_all": false, "account_age_minutes": 0, "shield_until": null})
}

/// Waits for a future, and fails with its name if it does not complete in time.
///
/// # Panics
/// After [`TIMEOUT`].
pub async fn within<T>(what: &str, event: impl Future<Output = T>) -> T {
    match tokio::time::timeout(TIMEOUT, event).await {
        Ok(value) => value,
        Err(_) => panic!("waited {TIMEOUT:?} in vain for {what}"),
    }
}
