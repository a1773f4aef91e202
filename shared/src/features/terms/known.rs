//! What a warm function made of a list of terms.

use std::sync::{Arc, Mutex, PoisonError};

/// What a warm function made of a list of terms: of the last version that was asked for.
pub(crate) struct KnownVersion<Made>(Mutex<Option<(u64, Arc<Made>)>>);

impl<Made> Default for KnownVersion<Made> {
    fn default() -> KnownVersion<Made> {
        KnownVersion(Mutex::new(None))
    }
}

impl<Made> KnownVersion<Made> {
    pub(super) fn with_version(&self, version: u64) -> Option<Arc<Made>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(known, _)| *known == version).map(|(_, made)| Arc::clone(made))
    }

    /// What was made of this version, or of a newer one.
    pub(super) fn not_before(&self, version: u64) -> Option<Arc<Made>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(known, _)| *known >= version).map(|(_, made)| Arc::clone(made))
    }

    /// Notes what was made of a version. That of an older one than the known one stays with the request that asked for it.
    pub(super) fn note(&self, version: u64, made: &Arc<Made>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|(known, _)| *known < version) {
            *known = Some((version, Arc::clone(made)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_list_is_known() {
        let known = KnownVersion::default();
        let list = || Arc::new(());
        assert!(known.with_version(1).is_none());
        known.note(2, &list());
        known.note(1, &list());
        assert!(known.with_version(2).is_some() && known.with_version(1).is_none());
        assert!(known.not_before(1).is_some() && known.not_before(2).is_some() && known.not_before(3).is_none());
        known.note(3, &list());
        assert!(known.with_version(3).is_some() && known.with_version(2).is_none());
    }
}
