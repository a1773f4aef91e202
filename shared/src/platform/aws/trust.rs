//! The trusted certificate authorities. For AWS these are only the roots of Amazon Trust Services, which sign all public endpoints.
//!
//! They are compiled in, because reading the system's 140 roots would be most of a cold start. The file holds Amazon Root CA 1 to 4
//! and Starfield Services Root CA - G2, as published in the Amazon Trust Services repository. The first to expire does so in 2037.

use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// The HTTP client of the SDK's clients. It trusts Amazon's roots alone.
pub(crate) fn http_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(amazon()).build_https()
}

/// A connector for AWS without the SDK's orchestrator. It trusts Amazon's roots alone.
pub(crate) fn amazon_connector() -> Connector {
    Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(amazon()).build()
}

fn amazon() -> TlsContext {
    let trust = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    TlsContext::builder().with_trust_store(trust).build().expect("a trust store is all that is set")
}

/// A connector for addresses outside of AWS. It trusts the system's roots. It is the SDK's, so that a function links one HTTP client.
pub fn system_trust_connector() -> Connector {
    Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
}

/// TLS settings of our own client. They trust Amazon's roots alone.
pub fn tls() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(AMAZON_ROOTS).flatten());
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into()).with_safe_default_protocol_versions();
    config.expect("the provider has TLS 1.2 and 1.3").with_root_certificates(roots).with_no_client_auth()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_five_roots_are_read() {
        let roots: Vec<_> = CertificateDer::pem_slice_iter(AMAZON_ROOTS).collect::<Result<_, _>>().unwrap();
        assert_eq!(roots.len(), 5);
        let (added, ignored) = RootCertStore::empty().add_parsable_certificates(roots);
        assert_eq!((added, ignored), (5, 0));
    }
}
