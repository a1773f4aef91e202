//! Whom our clients trust: at AWS, the roots of Amazon Trust Services, under which all public AWS endpoints are, and nobody else.
//!
//! These are compiled in, for reading the system's hundred and forty roots is most of a cold start. The file holds Amazon Root CA 1
//! to 4 and Starfield Services Root CA - G2, as Amazon's repository of trust services publishes them; the first ends in 2037.

use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// What the SDK's clients speak through.
pub(crate) fn http_client() -> SharedHttpClient {
    let trust = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let context = TlsContext::builder().with_trust_store(trust).build().expect("a trust store is all that is set");
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(context).build_https()
}

/// For addresses outside of AWS: whom the system trusts is trusted, by the SDK's HTTP client, so that a function holds one.
pub fn connector_to_anyone() -> Connector {
    Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
}

/// Trust in Amazon's roots alone for a client of our own.
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
