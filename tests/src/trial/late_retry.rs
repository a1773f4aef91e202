//! A client that says as much as it may in a minute, of which some fails, repeats that when the minute is nearly over, and goes on
//! as soon as the limit lets it: a message that is stored late counts from then on.

use jiff::SignedDuration;

use super::actor::{MESSAGES_PER_MINUTE, retry, say};
use super::client::Client;
use crate::faults::ledger::Ledger;

/// When a minute is nearly over, and how much later it is: seconds.
const NEARLY: i64 = 48;
const REST: i64 = 13;
/// Of [`say`]: it says everything once.
const ONCE: u64 = 1;

/// Does it.
pub(super) async fn act(client: &mut Client, ledger: &Ledger) {
    client.connect().await;
    let limit = MESSAGES_PER_MINUTE as u64;
    for step in 0..=limit {
        say(client, ONCE, step, true).await;
    }
    pass(client, ledger, NEARLY);
    retry(client).await;
    pass(client, ledger, REST);
    // Without keys, of which none fails: if the limit lets one too many pass, it is there.
    for step in limit + 1..=2 * limit + 1 {
        say(client, ONCE, step, false).await;
    }
}

fn pass(client: &Client, ledger: &Ledger, seconds: i64) {
    ledger.count("clock: most of a minute passed at once");
    client.server.clock.advance(SignedDuration::from_secs(seconds));
}
