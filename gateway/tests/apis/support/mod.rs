//! A separate gateway for each test: closures as functions, both ports on loopback, and all events that functions got.

mod builder;
mod cloud;
pub(crate) mod signing;

use std::future::Future;
use std::time::Duration;

use gateway::database::{Data, Database};
use gateway::door::AccessKey;
use gateway::engine::FunctionError;
use gateway::template::TableSpec;
use serde_json::Value;

pub(crate) use builder::Builder;
pub(crate) use cloud::Cloud;
pub(crate) use signing::{KEY_ID, SECRET, signed};

/// A function's response, or its failure.
pub(crate) type Answer = Result<Value, FunctionError>;

/// Waits for an event, with a timeout.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it should have happened within 20 seconds")
}

/// A client for plain HTTP, which skips reading the system's certificates. It needs a TLS provider, because the smoke test's feature is
/// enabled for all.
pub(crate) fn http() -> reqwest::Client {
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().tls_built_in_root_certs(false).no_proxy().build();
    client.expect("a client without certificates")
}

/// A function's failure.
pub(crate) fn failure() -> FunctionError {
    FunctionError { error_type: "Unhandled".to_owned(), error_message: "secret detail".to_owned() }
}

/// A database with the table `chat`.
pub(crate) fn database() -> Database {
    let table = TableSpec {
        logical_id: "ChatTable".to_owned(),
        name: "chat".to_owned(),
        keys: ("pk".to_owned(), "sk".to_owned()),
        stream: None,
        ttl: None,
    };
    Database::open(&Data::Memory, &[table], Some(&AccessKey::new(KEY_ID, SECRET))).expect("a database")
}

/// `requestContext.connectionId` of an event.
pub(crate) fn connection_id(event: &Value) -> String {
    text(event, "/requestContext/connectionId")
}

/// A text in an event.
pub(crate) fn text(event: &Value, pointer: &str) -> String {
    let found = event.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} is no text in {event}")).to_owned()
}
