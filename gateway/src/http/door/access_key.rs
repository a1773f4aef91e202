//! The access key of one run: the local cloud's AWS credentials.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// An access key id and its secret. Further ids may go with the same secret, so that calls can be told apart.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    id: String,
    secret: String,
    aliases: BTreeSet<String>,
}

impl AccessKey {
    /// A key that nobody can guess.
    pub fn random() -> AccessKey {
        let id = format!("LOCAL{:015X}", rand::random::<u64>() >> 4);
        AccessKey::new(&id, &URL_SAFE_NO_PAD.encode(rand::random::<[u8; 30]>()))
    }

    /// This key.
    pub fn new(id: &str, secret: &str) -> AccessKey {
        AccessKey { id: id.to_owned(), secret: secret.to_owned(), aliases: BTreeSet::new() }
    }

    /// The same secret under further ids.
    pub(crate) fn with_aliases(self, ids: impl Iterator<Item = String>) -> AccessKey {
        AccessKey { aliases: ids.collect(), ..self }
    }

    /// `AWS_ACCESS_KEY_ID`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `AWS_SECRET_ACCESS_KEY`.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    pub(super) fn admits(&self, id: &str) -> bool {
        self.id == id || self.aliases.contains(id)
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_another_key_and_no_log_has_its_secret() {
        let (one, other) = (AccessKey::random(), AccessKey::random());
        assert!(one.id() != other.id() && one.secret() != other.secret());
        assert_eq!((one.id().len(), one.secret().len()), (20, 40));
        assert!(!format!("{one:?}").contains(one.secret()));
    }
}
