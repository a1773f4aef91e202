//! The only thing that is abstracted for tests besides addresses: what time it is.
//!
//! The domain takes the time as an argument; everything else gets it from here. A release build knows the system's
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
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use jiff::{SignedDuration, Timestamp};

    /// Names a file that holds how far the clock is moved, in milliseconds, so that processes can share a moved clock.
    /// CI searches binaries for this name: release artefacts must not hold it.
    const VARIABLE: &str = "LIVE_CHAT_TEST_CLOCK";

    /// How far a clock was moved.
    #[derive(Clone, Debug)]
    pub(crate) enum Moved {
        Here(Arc<AtomicI64>),
        File(PathBuf),
    }

    impl Default for Moved {
        fn default() -> Moved {
            std::env::var_os(VARIABLE).map_or_else(|| Moved::Here(Arc::default()), |path| Moved::File(path.into()))
        }
    }

    impl Moved {
        pub(crate) fn by(&self) -> SignedDuration {
            let ms = match self {
                Moved::Here(ms) => ms.load(Ordering::SeqCst),
                Moved::File(path) => {
                    let text = std::fs::read_to_string(path).expect("the test's clock file is there");
                    text.trim().parse().expect("the test's clock file holds milliseconds")
                }
            };
            SignedDuration::from_millis(ms)
        }
    }

    impl super::Clock {
        /// A clock that is moved by what a file says, so that other processes can share it.
        pub fn in_file(path: PathBuf) -> super::Clock {
            super::Clock { moved: Moved::File(path) }
        }

        /// Moves this clock, and every clone of it, forward by a duration (backward if it is negative).
        ///
        /// # Panics
        /// If the clock's file cannot be written.
        pub fn advance(&self, by: SignedDuration) {
            match &self.moved {
                Moved::Here(ms) => drop(ms.fetch_add(by.as_millis() as i64, Ordering::SeqCst)),
                Moved::File(path) => {
                    let ms = (self.moved.by() + by).as_millis();
                    // Readers never see half a number: the file is complete before it has its name.
                    let draft = path.with_extension("draft");
                    std::fs::write(&draft, ms.to_string()).expect("the test's clock file can be written");
                    std::fs::rename(&draft, path).expect("the test's clock file can be written");
                }
            }
        }

        /// Moves this clock, and every clone of it, so that it now shows a given time.
        pub fn set(&self, to: Timestamp) {
            self.advance(to.duration_since(self.now()));
        }
    }
}
