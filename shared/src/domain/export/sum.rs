//! The SHA-256 of an export, which goes on from one page to the next: the link to the next page carries the state of the computation, so
//! that the sum of all pages is that of the file that they make.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest, Sha256};

/// The sum of the bytes so far.
#[derive(Clone, Debug, Default)]
pub struct Sum(Sha256);

impl Sum {
    /// Takes further bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum in hexadecimal digits.
    pub fn hex(&self) -> String {
        let digest = self.0.clone().finalize();
        digest.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _never_fails = write!(text, "{byte:02x}");
            text
        })
    }

    /// The state of the computation, in letters, digits, `-` and `_`.
    pub(super) fn state(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.serialize())
    }

    /// The computation with this state; `None` for what is none.
    pub(super) fn of_state(text: &str) -> Option<Sum> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let state = SerializedState::<Sha256>::try_from(bytes.as_slice()).ok()?;
        Sha256::deserialize(&state).ok().map(Sum)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_sum_is_the_standard_one() {
        let mut sum = Sum::default();
        sum.add(b"abc");
        assert_eq!(sum.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "FIPS 180-4");
    }

    proptest! {
        #[test]
        fn a_sum_goes_on_from_its_state(pages: Vec<Vec<u8>>) {
            let mut sum = Sum::default();
            for page in &pages {
                sum = Sum::of_state(&sum.state()).expect("its own state");
                sum.add(page);
            }
            let mut whole = Sum::default();
            whole.add(&pages.concat());
            prop_assert_eq!(sum.hex(), whole.hex());
        }

        #[test]
        fn any_other_text_is_no_state_or_one_that_goes_on(text in "[A-Za-z0-9_-]{0,150}", bytes: Vec<u8>) {
            if let Some(mut sum) = Sum::of_state(&text) {
                sum.add(&bytes);
                prop_assert_eq!(sum.hex().len(), 64);
            }
        }
    }
}
