//! Events for the operator's own systems (docs/webhooks.md): each is sent at once. One that a receiver does not take waits in a row, and is
//! sent again by a run each minute.

mod body;
pub mod retry;
pub mod store;
pub mod tell;
