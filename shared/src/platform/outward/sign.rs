//! The signature of a webhook, as the Standard Webhooks specification has it: HMAC-SHA256 of `ID.TIMESTAMP.BODY`, in base64, once for
//! each secret.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::outward::signature::SigningSecrets;

/// The value of `webhook-signature` for a body that is sent at a time, in seconds since 1970.
pub(super) fn signature(secrets: &SigningSecrets, id: &str, seconds: i64, body: &[u8]) -> String {
    let signature = |secret: &[u8]| {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
        context.update(format!("{id}.{seconds}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    };
    secrets.keys().map(signature).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_reference_libraries_is_signed_as_there() {
        let secrets = SigningSecrets::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(&secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
