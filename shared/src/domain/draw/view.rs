//! A draw as clients see it. The seed is in it once the draw is revealed, and in nothing before.

use serde::Serialize;

use super::person::Person;
use super::stored::{Among, Draw};
use crate::domain::hosted_id::HostedId;

/// In bytes: the winners of a draw, so that its frame stays within 32 KB. Ids may consist of characters that JSON writes as six bytes.
const MAX_WINNERS_BYTES: usize = 28 * 1024;

/// How far a draw is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The commitment is published, and the list of entrants is being made.
    Freezing,
    /// The list is published.
    Frozen,
    /// Seed and winners are published.
    Revealed,
    /// There was nobody to win.
    Cancelled,
}

/// A draw on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DrawView {
    id: HostedId,
    prize: String,
    winners_wanted: u64,
    among: Among,
    #[serde(skip_serializing_if = "Option::is_none")]
    poll_id: Option<HostedId>,
    state: State,
    commitment: String,
    #[serde(flatten)]
    published: Published,
}

/// What a draw publishes later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Published {
    entrants: Option<u64>,
    entrants_sha256: Option<String>,
    seed: Option<String>,
    /// `null` in place of a winner who was erased since.
    winners: Option<Vec<Option<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    winner_names: Option<Vec<Option<String>>>,
    redraws: u64,
}

impl Draw {
    /// The state.
    pub fn state(&self) -> State {
        match (&self.frozen, &self.winners) {
            _ if self.cancelled => State::Cancelled,
            (_, Some(_)) => State::Revealed,
            (Some(_), None) => State::Frozen,
            (None, None) => State::Freezing,
        }
    }

    /// The view.
    pub fn view(&self) -> DrawView {
        let seed = self.winners.as_ref().map(|_| self.seed.hex());
        let winners = self.winners.as_ref();
        let ids: Option<Vec<_>> = winners.map(|all| all.iter().map(Person::shown_id).collect());
        let names: Option<Vec<_>> = winners.map(|all| all.iter().map(Person::shown_name).collect());
        let bytes = |texts: &Option<Vec<Option<String>>>| serde_json::to_string(texts).map_or(0, |json| json.len());
        let fits = bytes(&ids) + bytes(&names) <= MAX_WINNERS_BYTES;
        DrawView {
            id: self.id,
            prize: self.asked.prize.clone(),
            winners_wanted: self.asked.winners_wanted,
            among: self.asked.among,
            poll_id: self.asked.poll_id,
            state: self.state(),
            commitment: self.seed.commitment(),
            published: Published {
                entrants: self.frozen.as_ref().map(|frozen| frozen.entrants),
                entrants_sha256: self.frozen.as_ref().map(|frozen| frozen.entrants_sha256.clone()),
                seed,
                winners: ids,
                winner_names: names.filter(|_| fits),
                redraws: self.redraws,
            },
        }
    }
}

/// How many people a draw may have as winners, those of redraws included, whatever their ids are: their frame stays within 32 KB.
pub const MAX_WINNERS: usize = 20;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::permutation::Seed;
    use super::super::person::Person;
    use super::super::stored::{Asked, Frozen};
    use super::*;
    use crate::domain::session::MAX_SESSION_ID;
    use crate::domain::wire::server_frame::{MAX_BATCH_BYTES, ServerFrame};

    fn draw() -> Draw {
        Draw {
            id: HostedId::new(1, 1),
            version: 1,
            asked: Asked {
                prize: "A cup".to_owned(),
                winners_wanted: 1,
                among: Among::Senders,
                poll_id: None,
                exclude: vec!["ann".to_owned()],
            },
            seed: Seed::new([7; 32]),
            frozen: None,
            cancelled: false,
            winners: None,
            redraws: 0,
        }
    }

    fn view(draw: &Draw) -> Value {
        serde_json::to_value(draw.view()).unwrap()
    }

    #[test]
    fn the_seed_is_in_no_view_before_the_winners_are() {
        let frozen =
            Some(Frozen { list: "x".to_owned(), entrants: 3, entrants_sha256: "e".to_owned(), firsts: vec![] });
        let frozen = Draw { frozen, ..draw() };
        let winner = Person { user_id: "bob".to_owned(), username: "Bob".to_owned() };
        let revealed = Draw { winners: Some(vec![winner]), ..frozen.clone() };
        for (draw, state, entrants, seed) in [
            (&draw(), "freezing", Value::Null, Value::Null),
            (&frozen, "frozen", json!(3), Value::Null),
            (&revealed, "revealed", json!(3), json!("07".repeat(32))),
            (&Draw { cancelled: true, ..draw() }, "cancelled", Value::Null, Value::Null),
        ] {
            let view = view(draw);
            assert_eq!((&view["state"], &view["entrants"], &view["seed"]), (&json!(state), &entrants, &seed));
            assert_eq!(view["commitment"], Seed::new([7; 32]).commitment());
            assert!(seed.is_string() || !view.to_string().contains(&"07".repeat(32)));
            assert!(!view.to_string().contains("ann"), "nobody learns who is left out");
        }
        assert_eq!((&view(&revealed)["winners"], &view(&revealed)["winner_names"]), (&json!(["bob"]), &json!(["Bob"])));
    }

    #[test]
    fn the_largest_draw_fits_into_one_frame() {
        let winner = Person { user_id: "\u{1}".repeat(255), username: "🎉".repeat(100) };
        let largest = Draw {
            id: HostedId::new(MAX_SESSION_ID, 9_999),
            asked: Asked { prize: "🎉".repeat(super::super::draft::MAX_PRIZE), ..draw().asked },
            winners: Some(vec![winner; MAX_WINNERS]),
            ..draw()
        };
        let frame = ServerFrame::DrawUpdate { draw: largest.view(), draw_version: u64::MAX >> 11 }.to_json();
        assert!(frame.len() < MAX_BATCH_BYTES, "{} bytes", frame.len());
    }
}
