//! The chat behind all handlers: its settings, its tables and the caches of a warm function.

use std::sync::Arc;

use crate::domain::config::Config;
use crate::domain::moderation::terms::TermList;
use crate::features::budgets::counts::Counts;
use crate::features::presence::known_staff::KnownStaff;
use crate::features::presence::seen_lately::SeenLately;
use crate::features::review::reviewer::Reviewer;
use crate::features::sessions::known::KnownSessions;
use crate::features::sessions::rules::KnownRules;
use crate::features::standing::erasure_key::KnownErasureKey;
use crate::features::terms::known::KnownVersion;
use crate::platform::clock::Clock;
use crate::platform::dynamo::Store;
use crate::platform::metrics::meter::Meter;

/// The chat behind all handlers. Its caches are those that docs/architecture.md, Invariants, allows: sessions for seconds, rules
/// that are checked when they are applied, a list of terms, users whose presence was written lately, the names of the staff for seconds, and counts that are not
/// written yet. Besides them, it knows whether the review handler answers.
pub struct Chat {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// The tables.
    pub store: Store,
    /// The metrics.
    pub meter: Arc<Meter>,
    pub(crate) known: KnownSessions,
    pub(crate) rules: KnownRules,
    pub(crate) terms: KnownVersion<TermList>,
    pub(crate) link_domains: KnownVersion<Vec<String>>,
    pub(crate) seen: SeenLately,
    pub(crate) staff: KnownStaff,
    pub(crate) counts: Counts,
    pub(crate) reviewer: Option<Reviewer>,
    pub(crate) erasure_key: KnownErasureKey,
}

impl Chat {
    /// A chat over these tables, whose messages nobody reviews.
    pub fn new(config: Config, clock: Clock, store: Store) -> Chat {
        let meter = Arc::new(Meter::new(config.metrics.stack.clone()));
        Chat {
            config,
            clock,
            store,
            meter,
            known: Default::default(),
            rules: Default::default(),
            terms: Default::default(),
            link_domains: Default::default(),
            seen: Default::default(),
            staff: Default::default(),
            counts: Default::default(),
            reviewer: None,
            erasure_key: Default::default(),
        }
    }

    /// The chat with this review handler, if there is one.
    #[must_use]
    pub fn reviewed_by(self, reviewer: Option<Reviewer>) -> Chat {
        Chat { reviewer, ..self }
    }
}
