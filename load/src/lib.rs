//! The load tool: how fast a chat is, by measurement, and whether anything was lost, repeated or disordered.
//!
//! * [`args`]: what is asked for. [`run()`] does it, and [`report`] is what it tells, for people or as JSON.
//! * `target`, `transport`, `http`, `frames`: where the chat is, connections to it, and what goes over them.
//! * `tokens`: a user for every viewer and sender.
//! * `room` (`viewer`): viewers who join and listen; `events` finds in their frames what the `ledger` accounts for.
//! * `send`: senders, in an open or a closed loop. `rest`: callers of the REST API.
//! * `gateway`: a gateway of its own; `processes`: what the other side's processes use; `own`: keeps this tool out of the
//!   way, and tells whether it is the limit.
//!
//! One thread does everything, so that it takes one core at most, and what it takes can be told apart.

pub mod args;
mod events;
mod frames;
mod gateway;
mod http;
mod ledger;
mod own;
mod processes;
pub mod report;
mod rest;
mod room;
mod run;
mod send;
mod target;
mod tokens;
mod transport;
mod viewer;

pub use args::LoadArgs;
pub use report::Report;
pub use run::run;

/// What tokens are made with, where they can be.
#[derive(Clone, Debug)]
pub struct TokenMaker {
    /// The secret that the chat verifies tokens with, if it is known. That of a gateway which is started is.
    pub secret: Option<String>,
    /// Makes a token for a user.
    pub mint: fn(secret: &str, user: &str) -> Result<String, String>,
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// What is asked for makes no sense.
    #[error("{0}")]
    Arguments(String),
    /// The chat cannot be reached, or does not answer as it should.
    #[error("{0}")]
    Chat(String),
    /// No gateway of its own could be started.
    #[error("a gateway cannot be started: {0}")]
    Gateway(String),
    /// There is no token.
    #[error("there is no token for {user}: {cause}")]
    Token {
        /// For whom.
        user: String,
        /// Why.
        cause: String,
    },
    /// The operating system says no.
    #[error(transparent)]
    System(#[from] std::io::Error),
}
