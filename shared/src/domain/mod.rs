//! Pure rules and the wire protocol. No AWS, no I/O, no clock: time is an argument.

pub mod announcement;
pub mod broadcast;
pub mod budget;
pub mod caller;
pub mod config;
pub mod cover;
pub mod custom_event;
pub mod error;
pub mod mentions;
pub mod message;
pub mod moderation;
pub mod number;
pub mod outward;
pub mod page;
pub mod pins;
pub mod quote;
pub mod rate;
pub mod receipt;
pub mod schedule;
pub mod session;
pub mod text;
pub mod ticket;
pub mod time;
pub mod wire;
