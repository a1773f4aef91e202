//! The live chat itself, without any of its processes.
//!
//! Five floors, each of which knows only those below it:
//!
//! * [`lambda`] speaks Lambda: HTTP, WebSocket and stream events in, responses out.
//! * [`broadcast`] tells rooms what changed in the tables, and alone talks to sockets.
//! * [`features`] does the work, a folder for each: sessions, messages, likes, presence, tickets, sockets.
//! * [`platform`] reaches out: DynamoDB, JWTs, `@connections`, metrics, the clock.
//! * [`domain`] decides: sessions' windows, what a message may be, the wire protocol, settings, errors. It knows no AWS, no I/O
//!   and no clock: time is an argument.

pub mod broadcast;
pub mod domain;
pub mod features;
pub mod lambda;
pub mod platform;
