//! What the chat does, written in terms of the rules and the adapters.

pub mod broadcast;
pub mod counters;
pub mod delete;
pub mod frames;
pub mod history;
pub mod housekeep;
pub mod like;
mod pace;
pub mod presence;
pub mod send;
pub mod sessions;
pub mod socket;
pub mod tickets;

use std::sync::Arc;

use crate::adapters::meter::Meter;
use crate::adapters::store::Store;
use crate::clock::Clock;
use crate::rules::config::Config;

/// The chat behind all handlers. It keeps only what DESIGN's third invariant allows: the session's window until its end, that
/// a user's presence is written, and how many frames a socket sent that are not written yet.
pub struct Chat {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// The tables.
    pub store: Store,
    /// What is measured.
    pub meter: Arc<Meter>,
    known: sessions::KnownSessions,
    seen: presence::SeenLately,
    budget: frames::FrameBudget,
}

impl Chat {
    /// A chat over these tables.
    pub fn new(config: Config, clock: Clock, store: Store) -> Chat {
        let meter = Arc::new(Meter::new(config.metrics.clone()));
        Chat {
            config,
            clock,
            store,
            meter,
            known: Default::default(),
            seen: Default::default(),
            budget: Default::default(),
        }
    }
}
