//! The links that clients may make, of the list in force. The domains are read once for a version and warm function; nothing is compiled
//! for them, so a `status` on a cold function waits for no regular expression.

use std::sync::Arc;

use crate::domain::error::ChatError;
use crate::domain::moderation::clickable::{self, ClickableLinks};
use crate::domain::moderation::terms::Terms;
use crate::features::chat::Chat;

impl Chat {
    /// The links that clients may make by the list of terms of a version, or by a newer one that this function knows: a session that has
    /// ended keeps its version for ever. Version 0 is the empty list. Of a version that is gone, the newest list stands in, as in
    /// [`Chat::term_list`].
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the list cannot be read.
    pub async fn clickable_links(&self, version: u64) -> Result<ClickableLinks, ChatError> {
        let domains = match self.link_domains.not_before(version) {
            Some(known) => known,
            None => self.read_link_domains(version).await?,
        };
        Ok(self.clickable_links_to(domains.to_vec()))
    }

    /// [`Chat::clickable_links`] for an answer that tells more than links: if the list cannot be read, none but those of `from` are told.
    pub async fn clickable_links_if_known(&self, version: u64) -> ClickableLinks {
        self.clickable_links(version).await.unwrap_or_else(|error| {
            tracing::warn!(terms.version = version, error = %error, "the domains of clickable links cannot be read");
            self.clickable_links_to(Vec::new())
        })
    }

    /// The links that clients may make while these are the domains of the list, as [`clickable::domains_of`] gives them.
    pub fn clickable_links_to(&self, domains: Vec<String>) -> ClickableLinks {
        ClickableLinks { from: self.config.moderation.links, domains }
    }

    async fn read_link_domains(&self, version: u64) -> Result<Arc<Vec<String>>, ChatError> {
        let domains = match version {
            0 => Vec::new(),
            _ => match self.store.link_domains(version).await? {
                Some(domains) => domains,
                None => {
                    let json = self.written_terms(version).await?;
                    clickable::domains_of(&Terms::parse(json.as_bytes()).map_err(ChatError::unavailable)?)
                }
            },
        };
        let domains = Arc::new(domains);
        self.link_domains.note(version, &domains);
        Ok(domains)
    }
}
