//! The live chat itself, without any of its processes.
//!
//! Four layers, each of which knows only those before it:
//!
//! * [`rules`] decides: sessions' windows, what a message may be, the wire protocol, settings, errors. It knows no AWS,
//!   no I/O and no clock: time is an argument.
//! * [`adapters`] reaches out: the two DynamoDB tables, JWTs, `@connections`, the `fan-out` function.
//! * [`use_cases`] does the work: send, like, be seen, broadcast, keep house.
//! * [`edge`] speaks Lambda: HTTP and WebSocket events in, responses out.
//!
//! [`clock`] tells the time to all but the rules, [`trace`] on whose behalf something is done.

pub mod adapters;
pub mod clock;
pub mod edge;
pub mod rules;
pub mod trace;
pub mod use_cases;
