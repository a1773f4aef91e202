//! The roots that the functions trust are roots, and stay valid for years: nothing but a new deployment can replace them.

use std::time::{Duration, SystemTime};

use x509_parser::pem::Pem;
use x509_parser::time::ASN1Time;

const PEM: &[u8] = include_bytes!("../../shared/src/platform/aws/amazon-roots.pem");
const YEAR: Duration = Duration::from_secs(366 * 24 * 3600);

#[test]
fn none_of_the_roots_expires_within_a_year() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    let next_year = i64::try_from((now + YEAR).as_secs())
        .ok()
        .and_then(|seconds| ASN1Time::from_timestamp(seconds).ok())
        .expect("a time");
    let mut names = Vec::new();
    for pem in Pem::iter_from_buffer(PEM) {
        let pem = pem.expect("PEM");
        let root = pem.parse_x509().expect("a certificate");
        assert!(root.is_ca() && root.subject() == root.issuer(), "{} is a root", root.subject());
        assert!(root.validity().not_after > next_year, "{} ends at {}", root.subject(), root.validity().not_after);
        names.push(root.subject().to_string());
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 5, "{names:?}");
}
