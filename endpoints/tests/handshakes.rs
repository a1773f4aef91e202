//! Handshakes with servers on loopback: each way to fail is told from the others.

mod servers;

use std::time::Duration;

use endpoints::handshake::Outcome;
use endpoints::regions::Endpoint;
use endpoints::survey::{all_trusted, report, survey};
use servers::{Authority, Server};

/// Far more than a handshake on loopback takes.
const PATIENCE: Duration = Duration::from_secs(20);

async fn outcome(server: &Server, trusted: &Authority) -> Outcome {
    ask(server.endpoint("localhost"), trusted, PATIENCE).await
}

async fn ask(endpoint: Endpoint, trusted: &Authority, limit: Duration) -> Outcome {
    let [(_, outcome)] =
        survey(vec![endpoint], trusted.trust(), limit, 1).await.try_into().expect("one endpoint, one outcome");
    outcome
}

#[tokio::test]
async fn a_certificate_of_our_root_is_trusted() {
    let ours = Authority::new("ours");
    let server = Server::tls(ours.certificate("localhost", 2020..4000)).await;
    assert_eq!(outcome(&server, &ours).await, Outcome::Trusted);
}

#[tokio::test]
async fn a_certificate_of_another_root_is_foreign() {
    // Also if it bears our root's name.
    for name in ["theirs", "ours"] {
        let server = Server::tls(Authority::new(name).certificate("localhost", 2020..4000)).await;
        assert_eq!(outcome(&server, &Authority::new("ours")).await, Outcome::ForeignRoot, "{name}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_now_is_expired() {
    let ours = Authority::new("ours");
    for years in [2010..2020, 3000..4000] {
        let server = Server::tls(ours.certificate("localhost", years.clone())).await;
        assert_eq!(outcome(&server, &ours).await, Outcome::Expired, "{years:?}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_has_the_wrong_name() {
    let ours = Authority::new("ours");
    let server = Server::tls(ours.certificate("elsewhere.example", 2020..4000)).await;
    assert_eq!(outcome(&server, &ours).await, Outcome::WrongName);
}

#[tokio::test]
async fn a_name_below_the_host_is_what_counts_where_they_differ() {
    let ours = Authority::new("ours");
    let server = Server::tls(ours.certificate("*.execute-api.localhost", 2020..4000)).await;
    let endpoint = server.endpoint("some.execute-api.localhost");
    assert_eq!(ask(endpoint, &ours, PATIENCE).await, Outcome::Trusted);
    assert_eq!(outcome(&server, &ours).await, Outcome::WrongName);
}

#[tokio::test]
async fn a_server_without_tls_is_told_apart() {
    let server = Server::saying(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    assert_eq!(outcome(&server, &Authority::new("ours")).await, Outcome::NoTls);
}

#[tokio::test]
async fn a_server_that_hangs_up_or_is_not_there_is_no_connection() {
    let hangs_up = Server::saying(b"").await;
    assert!(matches!(outcome(&hangs_up, &Authority::new("ours")).await, Outcome::NoConnection(_)));
    let absent = Server::absent().await;
    assert!(matches!(outcome(&absent, &Authority::new("ours")).await, Outcome::NoConnection(_)));
}

#[tokio::test]
async fn a_server_that_says_nothing_times_out() {
    let server = Server::silent().await;
    assert_eq!(
        ask(server.endpoint("localhost"), &Authority::new("ours"), Duration::from_millis(50)).await,
        Outcome::TimedOut
    );
}

#[tokio::test]
async fn a_host_without_an_address_is_told_apart() {
    // No name may have a label of 64 characters (RFC 1035, 2.3.4), so no resolver is asked.
    let host = format!("{}.invalid", "x".repeat(64));
    let endpoint = Endpoint { host, ..Server::absent().await.endpoint("localhost") };
    assert!(matches!(ask(endpoint, &Authority::new("ours"), PATIENCE).await, Outcome::NoAddress(_)));
}

#[tokio::test]
async fn the_report_lists_what_failed_and_one_failure_fails_the_survey() {
    let ours = Authority::new("ours");
    let good = Server::tls(ours.certificate("localhost", 2020..4000)).await;
    let foreign = Server::tls(Authority::new("theirs").certificate("localhost", 2020..4000)).await;
    let of = |server: &Server, service: &str| Endpoint { service: service.to_owned(), ..server.endpoint("localhost") };
    let asked = survey(vec![of(&good, "dynamodb"), of(&foreign, "lambda")], ours.trust(), PATIENCE, 2).await;
    assert!(!all_trusted(&asked));
    assert!(all_trusted(&asked[..1]) && !all_trusted(&[]));
    assert_eq!(
        report(&asked),
        "loopback-1        dynamodb ok      lambda FAILED\n\n1 of 2 endpoints are trusted\n\
         localhost: signed by a root that the functions do not trust\n"
    );
}
