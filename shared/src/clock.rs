//! The only thing that is abstracted for tests besides addresses: what time it is.
//!
//! Rules take the time as an argument; adapters and use cases get it from here. A release build knows the system's
//! clock alone: moving it needs the feature `test-clock`, which release artefacts do not have.

use jiff::Timestamp;

/// Tells the time. Clones share one clock.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    #[cfg(feature = "test-clock")]
    moved: moved::Moved,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock::default()
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        #[cfg(feature = "test-clock")]
        return Timestamp::now() + self.moved.by();
        #[cfg(not(feature = "test-clock"))]
        Timestamp::now()
    }
}

#[cfg(feature = "test-clock")]
mod moved {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use jiff::{SignedDuration, Timestamp};

    /// How far a clock was moved. CI searches release binaries for the text that `advance` logs.
    #[derive(Clone, Debug, Default)]
    pub(super) struct Moved(Arc<AtomicI64>);

    impl Moved {
        pub(super) fn by(&self) -> SignedDuration {
            SignedDuration::from_millis(self.0.load(Ordering::SeqCst))
        }
    }

    impl super::Clock {
        /// Moves this clock, and every clone of it, forward by a duration (backward if it is negative).
        pub fn advance(&self, by: SignedDuration) {
            tracing::warn!(moved.ms = by.as_millis() as i64, "LIVE_CHAT_TEST_CLOCK moved");
            self.moved.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
        }

        /// Moves this clock, and every clone of it, so that it now shows a given time.
        pub fn set(&self, to: Timestamp) {
            self.advance(to.duration_since(self.now()));
        }
    }
}
