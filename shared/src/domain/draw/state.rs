//! The draws of a session that its room knows: the one that changed last.

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
    /// The number of the newest draw.
    pub started: u64,
    /// The number of the draw that changed last, which is told; 0 in rows of versions that told the newest one.
    #[serde(default)]
    pub changed: u64,
}

impl Draws {
    /// Those of a session's head; `None` if there never was one.
    pub fn of(head: &Head) -> Option<Draws> {
        head.states.get(STATE).and_then(|row| Draws::deserialize(row).ok())
    }

    /// The draws after another one was started; `None` if the session has no number left.
    pub fn with_started(self) -> Option<Draws> {
        let started = self.started + 1;
        (started <= MAX_NUMBER).then_some(Draws { version: self.version + 1, started, changed: started })
    }

    /// The draws after the one with this number has changed.
    #[must_use]
    pub fn with_changed(self, number: u64) -> Draws {
        Draws { version: self.version + 1, changed: number, ..self }
    }

    /// The number of the draw that is told; `None` before the first.
    pub fn told(self) -> Option<u64> {
        Some(if self.changed > 0 { self.changed } else { self.started }).filter(|number| *number > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_told_and_numbers_run_out() {
        let one = Draws::default().with_started().unwrap();
        assert_eq!(one, Draws { version: 1, started: 1, changed: 1 });
        let two = one.with_changed(1).with_started().expect("a number");
        assert_eq!(two, Draws { version: 3, started: 2, changed: 2 });
        assert_eq!((two.told(), two.with_changed(1).told(), Draws::default().told()), (Some(2), Some(1), None));
        let of_an_older_version = Draws { version: 3, started: 2, changed: 0 };
        assert_eq!(of_an_older_version.told(), Some(2));
        assert_eq!(Draws { started: MAX_NUMBER, ..one }.with_started(), None);
    }
}
