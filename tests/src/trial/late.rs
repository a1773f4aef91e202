//! A client that says as much as it may in a minute, of which some fails, repeats that when the minute is nearly over, and goes on
//! as soon as the limit lets it: what is stored late counts from then on.

use jiff::SignedDuration;

use super::LIMIT;
use super::actor::{retry, say};
use super::client::Client;
use crate::faults::ledger::Ledger;

/// How often it does so.
const ROUNDS: u64 = 2;
/// When a minute is nearly over, and how much later it is: seconds.
const NEARLY: i64 = 48;
const REST: i64 = 13;
/// Of [`say`]: it says everything once.
const ONCE: u64 = 1;

/// Does it.
pub(super) async fn act(client: &mut Client, ledger: &Ledger) {
    client.connect().await;
    for round in 0..ROUNDS {
        say_as_much_as_it_may(client, round).await;
        pass(client, ledger, NEARLY);
        retry(client).await;
        pass(client, ledger, REST);
    }
    say_as_much_as_it_may(client, ROUNDS).await;
}

async fn say_as_much_as_it_may(client: &mut Client, round: u64) {
    for nth in 0..=LIMIT as u64 {
        say(client, ONCE, 100 * (round + 1) + nth, true).await;
    }
}

fn pass(client: &Client, ledger: &Ledger, seconds: i64) {
    ledger.count("clock: most of a minute passed at once");
    client.ground.clock.advance(SignedDuration::from_secs(seconds));
}
