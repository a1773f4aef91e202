//! A poll as clients see it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::stored::{Poll, State};
use crate::domain::hosted_id::HostedId;
use crate::domain::time;

/// A poll on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PollView {
    id: HostedId,
    question: String,
    options: Vec<OptionView>,
    state: State,
    ends_at: String,
    hidden: bool,
    total_votes: Option<u64>,
    /// Absent in what is for the whole room.
    #[serde(skip_serializing_if = "Option::is_none")]
    my_vote: Option<Option<usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct OptionView {
    id: usize,
    text: String,
    votes: Option<u64>,
}

impl PollView {
    /// The view of a poll with these votes for its options. Hidden votes are left out, so nothing that is made of a view tells them.
    pub fn of(poll: &Poll, votes: &[u64], now: Timestamp, zone: &TimeZone) -> PollView {
        let shown = |votes: u64| (!poll.is_hidden()).then_some(votes);
        let votes_of = |id: usize| votes.get(id).copied().unwrap_or_default();
        let option = |(id, text): (usize, &String)| OptionView { id, text: text.clone(), votes: shown(votes_of(id)) };
        PollView {
            id: poll.id,
            question: poll.question.clone(),
            options: poll.options.iter().enumerate().map(option).collect(),
            state: poll.state_at(now),
            ends_at: time::to_the_second(time::full_second(poll.closed_ms.unwrap_or(poll.ends_ms)), zone),
            hidden: poll.is_hidden(),
            total_votes: shown(votes.iter().sum()),
            my_vote: None,
        }
    }

    /// The same for a reader with this vote.
    #[must_use]
    pub fn with_vote(self, option: Option<usize>) -> PollView {
        PollView { my_vote: Some(option), ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::draft::{MAX_OPTION, MAX_OPTIONS, MAX_QUESTION};
    use super::super::state::{MAX_ENDED, MAX_OPEN};
    use super::*;
    use crate::domain::session::MAX_SESSION_ID;
    use crate::domain::wire::server_frame::{MAX_BATCH_BYTES, ServerFrame};

    fn poll() -> Poll {
        Poll {
            id: HostedId::new(1, 2),
            question: "Encore?".to_owned(),
            options: vec!["Yes".to_owned(), "No".to_owned()],
            ends_ms: 60_000,
            hide_results: false,
            closed_ms: None,
            tally: None,
        }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("a time")
    }

    fn view(poll: &Poll, now_ms: i64) -> Value {
        serde_json::to_value(PollView::of(poll, &[3, 1], at(now_ms), &TimeZone::UTC)).expect("JSON")
    }

    #[test]
    fn the_view_is_as_the_contract_says() {
        let expected = json!({
            "id": 10_002, "question": "Encore?", "state": "open", "ends_at": "1970-01-01T00:01:00Z", "hidden": false, "total_votes": 4,
            "options": [{"id": 0, "text": "Yes", "votes": 3}, {"id": 1, "text": "No", "votes": 1}],
        });
        assert_eq!(view(&poll(), 59_999), expected, "the room's view has no my_vote");
        let own = |vote| serde_json::to_value(PollView::of(&poll(), &[], at(0), &TimeZone::UTC).with_vote(vote));
        assert_eq!(own(Some(1)).unwrap()["my_vote"], 1);
        assert_eq!(own(None).unwrap().get("my_vote"), Some(&Value::Null));
    }

    #[test]
    fn a_poll_takes_votes_until_its_end_and_has_ended_once_it_is_counted() {
        let counted = Poll { tally: Some(vec![3, 1]), ..poll() };
        let closed = Poll { closed_ms: Some(30_000), ..poll() };
        for (poll, now_ms, state) in [
            (&poll(), 0, "open"),
            (&poll(), 59_999, "open"),
            (&poll(), 60_000, "closing"),
            (&closed, 1, "closing"),
            (&counted, 0, "ended"),
        ] {
            assert_eq!(view(poll, now_ms)["state"], state, "{poll:?} {now_ms}");
        }
        assert_eq!(view(&closed, 31_000)["ends_at"], "1970-01-01T00:00:30Z", "when it was closed");
    }

    #[test]
    fn hidden_results_are_in_no_view_before_the_end() {
        let hidden = Poll { hide_results: true, ..poll() };
        for now_ms in [0, 60_001] {
            let view = view(&hidden, now_ms);
            assert_eq!((&view["hidden"], &view["total_votes"]), (&json!(true), &Value::Null));
            assert!(view["options"].as_array().unwrap().iter().all(|option| option["votes"].is_null()), "{view}");
        }
        let ended = view(&Poll { tally: Some(vec![3, 1]), ..hidden }, 60_001);
        assert_eq!((&ended["hidden"], &ended["options"][0]["votes"]), (&json!(false), &json!(3)));
    }

    #[test]
    fn the_largest_polls_fit_into_one_frame_together() {
        let largest = Poll {
            id: HostedId::new(MAX_SESSION_ID, 9_999),
            question: "🎉".repeat(MAX_QUESTION),
            options: vec!["🎉".repeat(MAX_OPTION); MAX_OPTIONS],
            closed_ms: Some(253_402_300_799_000),
            ..poll()
        };
        let view = PollView::of(&largest, &[u64::MAX >> 11; MAX_OPTIONS], at(0), &TimeZone::UTC).with_vote(Some(9));
        let frame = ServerFrame::PollUpdate { poll: view, polls_version: u64::MAX >> 11 }.to_json();
        assert!(frame.len() * (MAX_OPEN + MAX_ENDED) < MAX_BATCH_BYTES, "{} bytes", frame.len());
    }
}
