//! The secrets that sign webhooks, as the Standard Webhooks specification writes them.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The beginning of a secret's text.
const PREFIX: &str = "whsec_";
/// A secret has so many bytes.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// While one secret replaces another, both sign.
const MOST_SECRETS: usize = 2;

/// The secrets that sign.
#[derive(Clone)]
pub struct SigningSecrets(Vec<Vec<u8>>);

impl SigningSecrets {
    /// Reads `whsec_…`, or two of them with a space between; `None` for anything else.
    pub fn parse(text: &str) -> Option<SigningSecrets> {
        let secret = |text: &str| {
            let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
            BYTES.contains(&bytes.len()).then_some(bytes)
        };
        let secrets: Vec<Vec<u8>> = text.split_ascii_whitespace().map(secret).collect::<Option<_>>()?;
        (1..=MOST_SECRETS).contains(&secrets.len()).then_some(SigningSecrets(secrets))
    }

    /// The bytes of each.
    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }
}

impl fmt::Debug for SigningSecrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // They stay out of every log.
        write!(formatter, "SigningSecrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn both_secrets_of_a_rotation_sign_and_nothing_shows_them() {
        let other = format!("whsec_{}", STANDARD.encode([7; 24]));
        let both = SigningSecrets::parse(&format!("{SECRET} {other}")).unwrap();
        assert_eq!(both.keys().map(<[u8]>::len).collect::<Vec<_>>(), [24, 24]);
        assert_eq!(format!("{both:?}"), "SigningSecrets(2)");
    }

    #[test]
    fn a_secret_has_24_to_64_bytes_in_base64() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![1; bytes]));
        for wrong in
            ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_!", &of(23), &of(65), &[SECRET; 3].join(" ")]
        {
            assert!(SigningSecrets::parse(wrong).is_none(), "{wrong}");
        }
        assert!(SigningSecrets::parse(&of(64)).is_some());
    }
}
