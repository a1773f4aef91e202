//! The list that messages are judged by, compiled once for a version and warm function.

use std::sync::Arc;

use crate::domain::error::ChatError;
use crate::domain::moderation::terms::TermList;
use crate::features::chat::Chat;

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
        TermList::parse(self.written_terms(version).await?.as_bytes()).map_err(ChatError::unavailable)
    }

    /// The list of a version as JSON, or the newest one if that is gone.
    pub(super) async fn written_terms(&self, version: u64) -> Result<String, ChatError> {
        match self.store.terms(version).await? {
            Some(json) => Ok(json),
            None => self.newest_after(version).await,
        }
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
