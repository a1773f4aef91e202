//! All endpoints, some at a time, and the report.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use rustls::ClientConfig;

use crate::handshake::{Outcome, ask};
use crate::regions::Endpoint;

/// An endpoint with what its handshake showed.
pub type Asked = (Endpoint, Outcome);

/// Asks every endpoint, `at_once` at a time, in order.
pub async fn survey(endpoints: Vec<Endpoint>, tls: ClientConfig, limit: Duration, at_once: usize) -> Vec<Asked> {
    let tls = Arc::new(tls);
    let asked = endpoints.into_iter().map(|endpoint| {
        let tls = tls.clone();
        async move {
            let outcome = ask(&endpoint, tls, limit).await;
            (endpoint, outcome)
        }
    });
    stream::iter(asked).buffered(at_once.max(1)).collect().await
}

/// Whether every endpoint is trusted. Of no endpoints, none is.
pub fn all_trusted(asked: &[Asked]) -> bool {
    !asked.is_empty() && asked.iter().all(|(_, outcome)| *outcome == Outcome::Trusted)
}

/// A table with a line for each region, and a list of all that failed.
pub fn report(asked: &[Asked]) -> String {
    let mut text = String::new();
    for line in asked.chunk_by(|(one, _), (next, _)| one.region == next.region) {
        let _ = write!(text, "{:<16}", line.first().map_or("", |(endpoint, _)| endpoint.region.as_str()));
        for (endpoint, outcome) in line {
            let verdict = if *outcome == Outcome::Trusted { "ok" } else { "FAILED" };
            let _ = write!(text, "  {} {verdict:<6}", endpoint.service);
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    let failed: Vec<_> = asked.iter().filter(|(_, outcome)| *outcome != Outcome::Trusted).collect();
    let _ = writeln!(text, "\n{} of {} endpoints are trusted", asked.len() - failed.len(), asked.len());
    for (endpoint, outcome) in failed {
        let _ = writeln!(text, "{}: {outcome}", endpoint.host);
    }
    text
}
