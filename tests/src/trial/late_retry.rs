//! A client that sends as many messages as it may in a minute, repeats the failed ones when the minute is nearly over, and goes on
//! as soon as the limit allows: a message that is stored late counts from then on.

use jiff::SignedDuration;

use super::actor::{MESSAGES_PER_MINUTE, retry, say};
use super::client::Client;
use crate::faults::ledger::Ledger;

/// When a minute is nearly over, and how much later it is over, in seconds.
const NEARLY: i64 = 48;
const REST: i64 = 13;
/// For [`say`]: each message is sent once.
const ONCE: u64 = 1;

/// Performs these actions.
pub(super) async fn act(client: &mut Client, ledger: &Ledger) {
    client.connect().await;
    let limit = MESSAGES_PER_MINUTE as u64;
    for step in 0..=limit {
        say(client, ONCE, step, true).await;
    }
    pass(client, ledger, NEARLY);
    retry(client).await;
    pass(client, ledger, REST);
    // Sends without keys never fail: if the limit lets one too many through, it is stored.
    for step in limit + 1..=2 * limit + 1 {
        say(client, ONCE, step, false).await;
    }
}

fn pass(client: &Client, ledger: &Ledger, seconds: i64) {
    ledger.count("clock: most of a minute passed at once");
    client.server.clock.advance(SignedDuration::from_secs(seconds));
}
