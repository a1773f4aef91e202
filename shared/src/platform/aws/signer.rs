//! Signs requests that are made without the SDK's orchestrator, by the SDK's own signing crate (AWS Signature Version 4).

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningError, SigningInstructions, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;

/// Signs requests to one service.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    service: &'static str,
    region: String,
    identity: Identity,
}

impl Signer {
    /// A signer for the service that has this name in signatures.
    pub(crate) fn new(service: &'static str, region: &str, credentials: Credentials) -> Signer {
        Signer { service, region: region.to_owned(), identity: credentials.into() }
    }

    /// The signature of a POST. It covers the address and the body.
    pub(crate) fn post(
        &self,
        uri: &str,
        body: SignableBody<'_>,
        now: SystemTime,
    ) -> Result<SigningInstructions, SigningError> {
        self.post_with(uri, &[], body, now)
    }

    /// The same of a POST with these headers, which it covers, too.
    pub(crate) fn post_with(
        &self,
        uri: &str,
        headers: &[(&str, &str)],
        body: SignableBody<'_>,
        now: SystemTime,
    ) -> Result<SigningInstructions, SigningError> {
        let params = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(self.service)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .expect("all that a signature needs is set");
        let signable = SignableRequest::new("POST", uri, headers.iter().copied(), body)?;
        let (signature, _) = sign(signable, &params.into())?.into_parts();
        Ok(signature)
    }
}
