//! Whether the functions can still talk to AWS: they trust five compiled-in roots ([`shared::platform::aws::trust`]), and would fail all at
//! once if AWS began to sign with another. So a scheduled job makes handshakes with exactly these roots, long before a region changes.
//!
//! [`regions`] names the endpoints that the functions call, [`handshake`] asks one of them, [`survey`] asks all and tells the result.

pub mod handshake;
pub mod regions;
pub mod survey;
