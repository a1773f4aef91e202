//! The live chat itself, without any of its processes.
//!
//! Five floors, each of which knows only those below it:
//!
//! * [`lambda`] speaks Lambda: HTTP, WebSocket and stream events in, responses out.
//! * [`broadcast`] sends rooms what changed in the tables. Nothing else talks to sockets.
//! * [`features`] does the work, with a folder per feature: sessions, messages, likes, presence, tickets, sockets.
//! * [`platform`] reaches out: DynamoDB, JWTs, `@connections`, metrics, the clock.
//! * [`domain`] decides: session windows, valid messages, the wire protocol, settings, errors. It knows no AWS, no I/O and no
//!   clock: time is an argument.

pub mod broadcast;
pub mod domain;
pub mod features;
pub mod lambda;
pub mod platform;
