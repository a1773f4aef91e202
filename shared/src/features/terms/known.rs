//! The compiled list of a warm function.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::moderation::terms::TermList;

/// The list of terms that a warm function knows: the last version that was asked for.
#[derive(Default)]
pub(crate) struct KnownTerms(Mutex<Option<(u64, Arc<TermList>)>>);

impl KnownTerms {
    pub(super) fn with_version(&self, version: u64) -> Option<Arc<TermList>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(known, _)| *known == version).map(|(_, list)| Arc::clone(list))
    }

    /// Notes a list. An older one than the known one stays with the send that asked for it.
    pub(super) fn note(&self, version: u64, list: &Arc<TermList>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|(known, _)| *known < version) {
            *known = Some((version, Arc::clone(list)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_list_is_known() {
        let known = KnownTerms::default();
        let list = || Arc::new(TermList::default());
        assert!(known.with_version(1).is_none());
        known.note(2, &list());
        known.note(1, &list());
        assert!(known.with_version(2).is_some() && known.with_version(1).is_none());
        known.note(3, &list());
        assert!(known.with_version(3).is_some() && known.with_version(2).is_none());
    }
}
