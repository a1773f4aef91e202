//! The draws of a session that its room knows: the newest one.

use serde::{Deserialize, Serialize};

use crate::domain::hosted_id::MAX_NUMBER;
use crate::domain::session::Head;

/// The name of the state.
pub const STATE: &str = "draws";

/// The draws of a session's room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draws {
    /// How often a draw was started, frozen, revealed or drawn again; 0 before the first.
    pub version: u64,
    /// The number of the newest draw, which is told.
    pub started: u64,
}

impl Draws {
    /// Those of a session's head; `None` if there never was one.
    pub fn of(head: &Head) -> Option<Draws> {
        head.states.get(STATE).and_then(|row| Draws::deserialize(row).ok())
    }

    /// The draws after another one was started; `None` if the session has no number left.
    pub fn with_started(self) -> Option<Draws> {
        let started = self.started + 1;
        (started <= MAX_NUMBER).then_some(Draws { version: self.version + 1, started })
    }

    /// The draws after one of them has changed.
    #[must_use]
    pub fn changed(self) -> Draws {
        Draws { version: self.version + 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_told_and_numbers_run_out() {
        let one = Draws::default().with_started().unwrap();
        assert_eq!(one, Draws { version: 1, started: 1 });
        assert_eq!(one.changed().with_started(), Some(Draws { version: 3, started: 2 }));
        assert_eq!(Draws { started: MAX_NUMBER, ..one }.with_started(), None);
    }
}
