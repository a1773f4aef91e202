//! The clock: besides addresses, the only thing that is abstracted for tests.
//!
//! The domain takes the time as an argument, and everything else asks this clock. A release build knows the system's clock alone:
//! moving it needs the feature `test-clock`, which release artefacts do not have.

use jiff::Timestamp;

/// Tells the time. Clones share one clock.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    #[cfg(feature = "test-clock")]
    offset: offset::Offset,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock::default()
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        #[cfg(feature = "test-clock")]
        return Timestamp::now() + self.offset.get();
        #[cfg(not(feature = "test-clock"))]
        Timestamp::now()
    }
}

#[cfg(feature = "test-clock")]
mod offset {
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use jiff::{SignedDuration, Timestamp};

    /// The path of a file with the clock's offset in milliseconds, so that processes can share a moved clock. CI searches binaries
    /// for this name: release artefacts must not contain it.
    const VARIABLE: &str = "LIVE_CHAT_TEST_CLOCK";

    /// The difference of a moved clock from the system's.
    #[derive(Clone, Debug)]
    pub(crate) enum Offset {
        Memory(Arc<AtomicI64>),
        File(PathBuf),
    }

    impl Default for Offset {
        fn default() -> Offset {
            std::env::var_os(VARIABLE).map_or_else(|| Offset::Memory(Arc::default()), |path| Offset::File(path.into()))
        }
    }

    impl Offset {
        pub(crate) fn get(&self) -> SignedDuration {
            let ms = match self {
                Offset::Memory(ms) => ms.load(Ordering::SeqCst),
                Offset::File(path) => {
                    let text = std::fs::read_to_string(path).expect("the test's clock file is there");
                    text.trim().parse().expect("the test's clock file holds milliseconds")
                }
            };
            SignedDuration::from_millis(ms)
        }
    }

    impl super::Clock {
        /// A clock whose offset is in a file, so that other processes can share it.
        pub fn in_file(path: PathBuf) -> super::Clock {
            super::Clock { offset: Offset::File(path) }
        }

        /// Moves this clock, and every clone of it, forward by a duration (backward if it is negative).
        ///
        /// # Panics
        /// If the clock's file cannot be written.
        pub fn advance(&self, by: SignedDuration) {
            match &self.offset {
                Offset::Memory(ms) => drop(ms.fetch_add(by.as_millis() as i64, Ordering::SeqCst)),
                Offset::File(path) => {
                    let ms = (self.offset.get() + by).as_millis();
                    // Readers never see half a number: the file is complete before it has its name.
                    let draft = path.with_extension("draft");
                    std::fs::write(&draft, ms.to_string()).expect("the test's clock file can be written");
                    std::fs::rename(&draft, path).expect("the test's clock file can be written");
                }
            }
        }

        /// Sets this clock, and every clone of it, to a time.
        pub fn set(&self, to: Timestamp) {
            self.advance(to.duration_since(self.now()));
        }
    }
}
