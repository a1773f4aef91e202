//! Events for the operator's own systems: what they tell, how they are signed, and when one is tried again (docs/webhooks.md).

pub mod event;
pub mod retry;
pub mod signature;
