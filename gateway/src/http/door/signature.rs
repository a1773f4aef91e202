//! Signature Version 4: what a request says about its signature, and whether that is true.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use http::HeaderName;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::access_key::AccessKey;
use super::canonical::push_hex;
use super::refusal::Refusal;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const SESSION_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
/// The clocks of both sides may differ by so much.
const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);
/// A day has two keys at midnight, for each of three services and a few regions.
const KEPT_KEYS: usize = 16;

/// What the head of a request says about its signature.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) access_key_id: &'a str,
    /// `20231114/us-east-1/lambda`.
    scope: &'a str,
    date: &'a str,
    pub(super) signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    /// Reads the claim; refuses one that is missing, incomplete, of another time or for another service.
    pub(super) fn of(
        head: &'a Parts,
        service: &str,
        latest: &LatestDate,
        now: SystemTime,
    ) -> Result<Claim<'a>, Refusal> {
        let mut lines = head.headers.get_all(AUTHORIZATION).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return Err(Refusal::NoToken) };
        let line = line.to_str().map_err(|_| Refusal::NoToken)?;
        let parameters = line.strip_prefix(ALGORITHM).ok_or(Refusal::NoToken)?;
        let (mut credential, mut signed_headers, mut signature) = ("", "", "");
        for parameter in parameters.split(',') {
            match parameter.trim_ascii().split_once('=') {
                Some(("Credential", value)) => credential = value,
                Some(("SignedHeaders", value)) => signed_headers = value,
                Some(("Signature", value)) => signature = value,
                _ => {}
            }
        }
        let (access_key_id, scope) = credential.split_once('/').ok_or(Refusal::Incomplete("Credential"))?;
        let scope = scope.strip_suffix("/aws4_request").ok_or(Refusal::Incomplete("Credential"))?;
        if signature.is_empty() {
            return Err(Refusal::Incomplete("Signature"));
        }
        // Who has a session token is somebody from elsewhere.
        if head.headers.contains_key(SESSION_TOKEN) {
            return Err(Refusal::UnknownKey);
        }
        let date =
            head.headers.get(DATE).and_then(|date| date.to_str().ok()).ok_or(Refusal::Incomplete("X-Amz-Date"))?;
        let signed = latest.read(date).ok_or(Refusal::Incomplete("X-Amz-Date"))?;
        check_time(date, signed, now)?;
        let mut parts = scope.split('/');
        let (day, _region, of) = (parts.next(), parts.next(), parts.next());
        if day.is_none_or(|day| !date.starts_with(day) || day.len() != 8)
            || of != Some(service)
            || parts.next().is_some()
        {
            return Err(Refusal::WrongScope(format!("Credential should be scoped to correct service: '{service}'.")));
        }
        if !covers(head, signed_headers) {
            return Err(Refusal::Incomplete("SignedHeaders"));
        }
        Ok(Claim { access_key_id, scope, date, signed_headers, signature })
    }

    fn string_to_sign(&self, canonical_request: &str) -> String {
        let mut text = format!("{ALGORITHM}\n{}\n{}/aws4_request\n", self.date, self.scope);
        push_hex(&mut text, digest(&SHA256, canonical_request.as_bytes()).as_ref());
        text
    }
}

/// The host and all of AWS's own headers are signed, once each and in order: none can be added to somebody's request.
fn covers(head: &Parts, signed_headers: &str) -> bool {
    let is_signed = |wanted: &str| signed_headers.split(';').any(|name| name == wanted);
    let are_sorted = signed_headers.split(';').is_sorted_by(|one, next| one < next);
    let are_there = signed_headers.split(';').all(|name| head.headers.contains_key(name));
    let mut of_aws = head.headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
    are_sorted && are_there && is_signed("host") && of_aws.all(is_signed)
}

/// The latest date that was read, and its time: a busy room's requests have the same one for a second.
#[derive(Debug, Default)]
pub(super) struct LatestDate(Mutex<Option<(String, SystemTime)>>);

impl LatestDate {
    fn read(&self, date: &str) -> Option<SystemTime> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, time)) = latest.as_ref()
            && known == date
        {
            return Some(*time);
        }
        let parsed = DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?.to_zoned(TimeZone::UTC).ok()?;
        let time = SystemTime::from(parsed.timestamp());
        *latest = Some((date.to_owned(), time));
        Some(time)
    }
}

fn check_time(date: &str, signed: SystemTime, now: SystemTime) -> Result<(), Refusal> {
    let text = |time: SystemTime| {
        let time = Timestamp::try_from(time).unwrap_or_default();
        time.strftime("%Y%m%dT%H%M%SZ").to_string()
    };
    if now.duration_since(signed).is_ok_and(|age| age > CLOCK_SKEW) {
        let limit = text(now - CLOCK_SKEW);
        return Err(Refusal::WrongTime(format!(
            "Signature expired: {date} is now earlier than {limit} ({} - 5 min.)",
            text(now)
        )));
    }
    if signed.duration_since(now).is_ok_and(|ahead| ahead > CLOCK_SKEW) {
        let limit = text(now + CLOCK_SKEW);
        return Err(Refusal::WrongTime(format!(
            "Signature not yet current: {date} is still later than {limit} ({} + 5 min.)",
            text(now)
        )));
    }
    Ok(())
}

/// Derived keys by their scope: they change once a day, and deriving one costs more than the rest of the check.
#[derive(Debug, Default)]
pub(super) struct SigningKeys(Mutex<Vec<(String, Arc<hmac::Key>)>>);

impl SigningKeys {
    /// Whether the claim's signature is that of this request, compared in constant time.
    pub(super) fn verify(&self, key: &AccessKey, claim: &Claim<'_>, canonical_request: &str) -> bool {
        let text = claim.string_to_sign(canonical_request);
        let known = self.lock().iter().find(|(scope, _)| scope == claim.scope).map(|(_, key)| Arc::clone(key));
        let is_new = known.is_none();
        let signing_key = known.unwrap_or_else(|| Arc::new(derive(key, claim.scope)));
        let mut expected = String::with_capacity(64);
        push_hex(&mut expected, hmac::sign(&signing_key, text.as_bytes()).as_ref());
        let is_genuine = verify_slices_are_equal(expected.as_bytes(), claim.signature.as_bytes()).is_ok();
        // A stranger's scopes take no memory.
        if is_genuine && is_new {
            let mut keys = self.lock();
            if keys.len() >= KEPT_KEYS {
                keys.remove(0);
            }
            keys.push((claim.scope.to_owned(), signing_key));
        }
        is_genuine
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, Arc<hmac::Key>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The date, the region, the service and the word `aws4_request`, one after the other.
fn derive(key: &AccessKey, scope: &str) -> hmac::Key {
    let secret = hmac::Key::new(HMAC_SHA256, format!("AWS4{}", key.secret()).as_bytes());
    scope
        .split('/')
        .chain(["aws4_request"])
        .fold(secret, |key, part| hmac::Key::new(HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref()))
}
