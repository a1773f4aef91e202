//! The list that messages are judged by, compiled once for a version and warm function.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::error::ChatError;
use crate::domain::moderation::terms::TermList;
use crate::features::chat::Chat;

/// The list of terms that a warm function knows: the last version that was asked for.
#[derive(Default)]
pub(crate) struct KnownTerms(Mutex<Option<(u64, Arc<TermList>)>>);

impl KnownTerms {
    fn with_version(&self, version: u64) -> Option<Arc<TermList>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(known, _)| *known == version).map(|(_, list)| Arc::clone(list))
    }

    /// Notes a list. An older one than the known one stays with the send that asked for it.
    fn note(&self, version: u64, list: &Arc<TermList>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|(known, _)| *known < version) {
            *known = Some((version, Arc::clone(list)));
        }
    }
}

impl Chat {
    /// The list of terms of a version, ready to judge by. Version 0 is the empty list, for no list was put yet.
    ///
    /// A version that is gone was replaced long ago, so a send that asks for it gets no number by it: the newest list stands in, and the
    /// message is judged again.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the list cannot be read or does not compile: that is never a pass.
    pub async fn term_list(&self, version: u64) -> Result<Arc<TermList>, ChatError> {
        if let Some(list) = self.terms.with_version(version) {
            return Ok(list);
        }
        let list = if version == 0 { TermList::default() } else { self.read_terms(version).await? };
        let list = Arc::new(list);
        self.terms.note(version, &list);
        Ok(list)
    }

    async fn read_terms(&self, version: u64) -> Result<TermList, ChatError> {
        let json = match self.store.terms(version).await? {
            Some(json) => json,
            None => self.newest_after(version).await?,
        };
        TermList::parse(json.as_bytes()).map_err(ChatError::unavailable)
    }

    async fn newest_after(&self, version: u64) -> Result<String, ChatError> {
        let newest = self.store.newest_terms().await?;
        if newest <= version {
            return Err(ChatError::unavailable(format!("the list of terms {version} is missing")));
        }
        let missing = || ChatError::unavailable(format!("the list of terms {newest} is missing"));
        self.store.terms(newest).await?.ok_or_else(missing)
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
