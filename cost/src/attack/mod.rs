//! What an attacker makes the owner pay in an hour, as fast as the throttles let through.

mod request;
#[cfg(test)]
mod tests;
mod ways;

use clap::Args;

use self::request::Request;
use crate::figures::{amount, grouped};
use crate::prices::Prices;

const HOUR: f64 = 3_600.0;

/// What an attacker costs an hour, with and without a token.
#[derive(Clone, Debug, Args)]
pub struct AttackArgs {
    /// REST calls a second that the stage lets through (HttpRateLimit).
    #[arg(long, default_value_t = 1_500.0, value_parser = amount)]
    http_rate: f64,
    /// Handshakes and frames a second that the stage lets through (SocketRateLimit).
    #[arg(long, default_value_t = 1_000.0, value_parser = amount)]
    socket_rate: f64,
    /// Posts to sockets a second (PostsPerSecond).
    #[arg(long, default_value_t = 7_500.0, value_parser = amount)]
    posts_per_second: f64,
    /// Requests that one address may make in five minutes, where the rate rule is on (EdgeRateLimit).
    #[arg(long, default_value_t = 1_000.0, value_parser = amount)]
    edge_rate_limit: f64,
    /// Sockets without batches in the room that hears an attacker's messages.
    #[arg(long, default_value_t = 10_000.0, value_parser = amount)]
    viewers: f64,
    /// Bytes of each stored message.
    #[arg(long, default_value_t = 400.0, value_parser = amount)]
    message_bytes: f64,
    /// Milliseconds that a handler of a request runs.
    #[arg(long, default_value_t = 20.0, value_parser = amount)]
    handler_ms: f64,
    /// Milliseconds that Lambda bills for a refusal.
    #[arg(long, default_value_t = 1.0, value_parser = amount)]
    refusal_ms: f64,
}

impl AttackArgs {
    /// The table.
    ///
    /// # Errors
    /// If there are no prices, which a test excludes.
    pub fn table(&self) -> Result<String, serde_json::Error> {
        let prices = Prices::embedded()?;
        let mut table = format!(
            "| attack | requests an hour | before | now | now, one address under `EdgeRateLimit` {} | what bounds it |\n\
             | --- | --- | --- | --- | --- | --- |\n",
            grouped(self.edge_rate_limit)
        );
        for attack in self.attacks() {
            let requests = attack.rate * HOUR;
            let usd = |request: &Request, requests: f64| request.usd(&prices) * requests;
            let before = attack.before.map_or("–".to_owned(), |request| format!("{:.2}", usd(&request, requests)));
            let ruled = match attack.now.through_edge {
                // What the rule blocks costs its inspection, and nothing at CloudFront.
                true => {
                    let passed = requests.min(self.edge_rate_limit * HOUR / 300.0);
                    let inspected = prices.get("waf_request").map_or(0.0, |price| price.of(requests));
                    format!("{:.2}", usd(&attack.now, passed) + inspected)
                }
                false => "as now".to_owned(),
            };
            let now = usd(&attack.now, requests);
            table += &format!(
                "| {} | {} | {before} | {now:.2} | {ruled} | {} |\n",
                attack.what,
                grouped(requests),
                attack.bound
            );
        }
        table += &format!("\nUSD an hour. Prices of {}, {}. {}\n", prices.region, prices.date, prices.note);
        Ok(table)
    }
}
