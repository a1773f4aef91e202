//! The door of an internal port. A port on loopback is open to every program of this machine, and to every page in its browser: only who
//! signs with the run's own [`AccessKey`] gets in, and nothing that a browser sends does.

mod access_key;
mod browser;
mod canonical;
mod refusal;
mod signature;

use std::time::SystemTime;

use http::request::Parts;

pub use self::access_key::AccessKey;
pub(crate) use self::browser::is_from_a_browser;
pub(crate) use self::refusal::{Protocol, Refusal};
use self::signature::{Claim, LatestDate, SigningKeys};

/// Lets requests in, or refuses them as AWS does.
#[derive(Debug)]
pub(crate) struct Door {
    key: AccessKey,
    signing_keys: SigningKeys,
    latest: LatestDate,
}

impl Door {
    pub(crate) fn new(key: AccessKey) -> Door {
        Door { key, signing_keys: SigningKeys::default(), latest: LatestDate::default() }
    }

    /// Reads who wants in, from the head alone: a stranger's body is not read.
    pub(crate) fn knock<'a>(&self, head: &'a Parts, local_port: u16, protocol: Protocol) -> Result<Knock<'a>, Refusal> {
        if is_from_a_browser(&head.headers, local_port) {
            return Err(Refusal::Foreign);
        }
        let claim = Claim::of(head, protocol.service(), &self.latest, SystemTime::now())?;
        if !self.key.admits(claim.access_key_id) {
            return Err(Refusal::UnknownKey);
        }
        Ok(Knock { head, claim })
    }

    /// Checks the signature, which covers the body, too.
    pub(crate) fn open(&self, knock: &Knock<'_>, body: &[u8]) -> Result<(), Refusal> {
        let request = canonical::request(knock.head, knock.claim.signed_headers, body);
        let is_genuine = self.signing_keys.verify(&self.key, &knock.claim, &request);
        if is_genuine { Ok(()) } else { Err(Refusal::BadSignature) }
    }
}

/// A request whose signature is not checked yet.
#[derive(Debug)]
pub(crate) struct Knock<'a> {
    head: &'a Parts,
    claim: Claim<'a>,
}
