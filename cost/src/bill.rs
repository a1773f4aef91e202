//! The bill: each line a quantity and its price.

use crate::counts::Counts;
use crate::prices::{GB, Prices};

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The service and its quantity.
    pub title: &'static str,
    /// The unit of the quantity.
    pub unit: String,
    /// How much of it.
    pub quantity: f64,
    /// In dollars.
    pub usd: f64,
}

/// The quantities by their prices' names.
fn quantities(counts: &Counts, months_kept: f64) -> [(&'static str, &'static str, f64); 13] {
    let handshakes = counts.invocations.get("ws-connect").copied().unwrap_or_default();
    [
        ("API Gateway, WebSocket messages", "websocket_message", counts.websocket_messages),
        ("API Gateway, connections", "websocket_minute", counts.connection_minutes),
        ("API Gateway, HTTP API", "http_request", counts.http_requests),
        ("Lambda, requests", "lambda_request", counts.invocations.values().sum()),
        ("Lambda, time", "lambda_gb_second", counts.gb_seconds),
        ("DynamoDB, writes", "dynamodb_write", counts.units.write),
        ("DynamoDB, reads", "dynamodb_read", counts.units.read),
        ("DynamoDB, storage", "dynamodb_storage", counts.stored_bytes / GB * months_kept),
        ("DynamoDB, stream", "stream_read", 0.0),
        ("CloudFront, requests", "cloudfront_request", counts.http_requests + handshakes),
        ("CloudFront, handshakes", "cloudfront_function", handshakes),
        ("CloudFront, transfer", "cloudfront_gb", counts.bytes_out / GB),
        ("CloudWatch, logs", "log_gb", counts.log_bytes / GB),
    ]
}

/// The bill of so many events like this, whose messages are kept for so many months.
pub fn bill(counts: &Counts, prices: &Prices, events: f64, months_kept: f64) -> Vec<Line> {
    let line = |(title, name, quantity): (&'static str, &str, f64)| {
        let price = prices.get(name)?;
        let quantity = quantity * events;
        Some(Line { title, unit: price.unit.clone(), quantity, usd: price.of(quantity) })
    };
    quantities(counts, months_kept).into_iter().filter_map(line).collect()
}

/// All lines together.
pub fn total(lines: &[Line]) -> f64 {
    lines.iter().map(|line| line.usd).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_price_with_a_source() {
        let prices = Prices::embedded().unwrap();
        let lines = bill(&Counts::default(), &prices, 1.0, 3.0);
        assert_eq!(lines.len(), 13);
        for (_, name, _) in quantities(&Counts::default(), 1.0) {
            assert!(prices.get(name).is_some_and(|price| !price.source.is_empty()), "{name}");
        }
    }

    #[test]
    fn a_million_messages_cost_a_dollar_each_month_anew() {
        let counts = Counts { websocket_messages: 1e6, connection_minutes: 4e6, ..Counts::default() };
        let lines = bill(&counts, &Prices::embedded().unwrap(), 3.0, 3.0);
        assert_eq!((lines[0].usd, lines[1].usd, total(&lines)), (3.0, 3.0, 6.0));
    }
}
