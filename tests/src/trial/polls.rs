//! A poll of a run: a host starts it, people who have no socket vote and change their votes, and the host closes it. Each call is repeated until
//! it is answered.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::acting::Acting;
use super::server::HOST;
use crate::faults::plan::mix;
use crate::history::Event;

/// People who vote, each twice.
const VOTERS: u64 = 8;
const OPTIONS: u64 = 3;
/// A call is repeated for so long: no profile makes it fail for nearly that time, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(180);

/// Starts a poll once some sends were acknowledged, lets people vote, and closes it.
pub(super) async fn hold(acting: &Acting<'_>, mut over: watch::Receiver<bool>) {
    tokio::select! {
        biased;
        _ = over.wait_for(|over| *over) => return,
        () = acting.recorder.until(|events| events.iter().any(|event| matches!(event, Event::Acknowledged { .. }))) => {}
    }
    let body =
        json!({"question": "Encore?", "options": ["Yes", "No", "Maybe"], "seconds": 3600, "client_action_id": "poll"});
    let started = insist(acting, HOST, "polls", &body, || {}).await;
    let id = started.expect("one poll is open at most")["poll"]["id"].as_u64().expect("an id");
    join_all((0..VOTERS).map(|nth| vote(acting, id, nth))).await;
    acting.recorder.note(Event::ClosingPoll { poll: id });
    insist(acting, HOST, &format!("polls/{id}/close"), &json!({"client_action_id": "close"}), || {}).await;
}

async fn vote(acting: &Acting<'_>, poll: u64, nth: u64) {
    let user = format!("voter {nth}");
    for round in 0..2 {
        let option = mix(acting.seed, "vote", 2 * nth + round) % OPTIONS;
        let (body, option) = (json!({"option": option}), option as usize);
        let note = || acting.recorder.note(Event::Voting { poll, user: user.clone(), option });
        if insist(acting, &user, &format!("polls/{poll}/vote"), &body, note).await.is_none() {
            // A clock that jumped has ended the poll.
            return;
        }
        acting.recorder.note(Event::Voted { poll, user: user.clone(), option });
    }
}

/// Repeats a call until it succeeds; `note` notes each try. `None` if the poll takes no more votes.
async fn insist(acting: &Acting<'_>, user: &str, path: &str, body: &Value, note: impl Fn()) -> Option<Value> {
    let (begun, mut last) = (Instant::now(), None);
    while begun.elapsed() < PATIENCE {
        note();
        match acting.server.call(user, "POST", path, Some(body.clone())).await {
            Some((200 | 201, answer)) => return Some(answer),
            Some((409, _)) => return None,
            Some((status, answer)) if status < 500 && status != 429 => panic!("{path} was answered {status} {answer}"),
            failure => {
                last = failure;
                acting.recorder.wait(Duration::from_millis(50)).await;
            }
        }
    }
    panic!("seed {}: {path} failed for {PATIENCE:?}, at last with {last:?}", acting.seed)
}
