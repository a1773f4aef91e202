//! The readers of one stream: a record is forgotten once all of them have delivered it.

use std::sync::{Arc, Mutex, PoisonError};

/// How far the readers of a stream have come. Clones share it.
#[derive(Clone, Default)]
pub struct Readers(Arc<Mutex<Vec<Option<u128>>>>);

/// One of the readers.
pub(super) struct Place {
    readers: Readers,
    index: usize,
}

impl Readers {
    /// A further reader, which has delivered nothing.
    pub(super) fn join(&self) -> Place {
        let mut positions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        positions.push(None);
        Place { readers: self.clone(), index: positions.len() - 1 }
    }
}

impl Place {
    /// Notes that this reader has delivered all records up to a sequence number. Returns the one up to which all readers have.
    pub(super) fn delivered(&self, up_to: &str) -> Option<String> {
        let mut positions = self.readers.0.lock().unwrap_or_else(PoisonError::into_inner);
        positions[self.index] = up_to.parse().ok();
        // `None` is less than any number: a reader that has delivered nothing.
        positions.iter().copied().min().flatten().map(|position| format!("{position:021}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_reader_decides_what_is_forgotten() {
        let readers = Readers::default();
        let (fast, slow) = (readers.join(), readers.join());
        let number = |position: u64| format!("{position:021}");
        assert_eq!(fast.delivered(&number(100)), None);
        assert_eq!(slow.delivered(&number(7)), Some(number(7)));
        assert_eq!(slow.delivered(&number(120)), Some(number(100)));
    }
}
