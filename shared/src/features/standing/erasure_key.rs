//! The key with which ids of erased users are hashed, and what a warm function knows of it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A warm function asks again whether there is anything under a hash after this long.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(5);

/// The key with which ids of erased users are hashed.
#[derive(Clone, Serialize, Deserialize)]
pub struct ErasureKey {
    /// 32 random bytes in base64.
    pub(super) key: String,
    /// Whether a standing is kept under a hash.
    #[serde(default)]
    pub(super) keeps_standings: bool,
}

impl ErasureKey {
    /// A fresh one; `None` without random bytes.
    pub(super) fn random() -> Option<ErasureKey> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).ok()?;
        Some(ErasureKey { key: URL_SAFE_NO_PAD.encode(bytes), keeps_standings: false })
    }

    /// The keyed hash of a user's id.
    pub fn hash(&self, user_id: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.as_bytes());
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, user_id.as_bytes()))
    }
}

impl fmt::Debug for ErasureKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ErasureKey")
    }
}

/// The key, as a warm function knows it, and when it was read.
#[derive(Default)]
pub(crate) struct KnownErasureKey(Mutex<Option<(Timestamp, Option<Arc<ErasureKey>>)>>);

impl KnownErasureKey {
    /// What is known of it at a time: the key, or that nothing is kept; `None` if that is to be asked.
    pub(super) fn at(&self, now: Timestamp) -> Option<Option<Arc<ErasureKey>>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |(at, _): &&(Timestamp, Option<Arc<ErasureKey>>)| now.duration_since(*at).abs() < KNOWN_FOR;
        known.as_ref().filter(is_fresh).map(|(_, key)| key.clone())
    }

    pub(super) fn note(&self, key: Option<Arc<ErasureKey>>, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, key));
    }
}
