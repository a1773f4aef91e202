//! A poll of a run: a host starts it, people who have no socket vote and change their votes, and the host closes it. Each call is repeated until
//! it is answered.

use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::watch;

use super::acting::Acting;
use super::draws;
use super::server::HOST;
use crate::faults::plan::mix;
use crate::history::Event;

/// People who vote, each twice.
const VOTERS: u64 = 8;
const OPTIONS: u64 = 3;

/// Starts a poll once some sends were acknowledged, lets people vote, draws winners among them meanwhile, and closes it.
pub(super) async fn hold(acting: &Acting<'_>, mut over: watch::Receiver<bool>) {
    tokio::select! {
        biased;
        _ = over.wait_for(|over| *over) => return,
        () = acting.recorder.until(|events| events.iter().any(|event| matches!(event, Event::Acknowledged { .. }))) => {}
    }
    let body =
        json!({"question": "Encore?", "options": ["Yes", "No", "Maybe"], "seconds": 3600, "client_action_id": "poll"});
    let started = acting.repeat(HOST, "polls", &body, || {}).await;
    let id = started.expect("one poll is open at most")["poll"]["id"].as_u64().expect("an id");
    let have_voted = watch::Sender::new(false);
    let voting = async {
        join_all((0..VOTERS).map(|nth| vote(acting, id, nth))).await;
        have_voted.send_replace(true);
    };
    tokio::join!(voting, draws::hold(acting, id, have_voted.subscribe()));
    acting.recorder.note(Event::ClosingPoll { poll: id });
    acting.repeat(HOST, &format!("polls/{id}/close"), &json!({"client_action_id": "close"}), || {}).await;
}

async fn vote(acting: &Acting<'_>, poll: u64, nth: u64) {
    let user = format!("voter {nth}");
    for round in 0..2 {
        let option = mix(acting.seed, "vote", 2 * nth + round) % OPTIONS;
        let (body, option) = (json!({"option": option}), option as usize);
        let note = || acting.recorder.note(Event::Voting { poll, user: user.clone(), option });
        if acting.repeat(&user, &format!("polls/{poll}/vote"), &body, note).await.is_none() {
            // A clock that jumped has ended the poll.
            return;
        }
        acting.recorder.note(Event::Voted { poll, user: user.clone(), option });
    }
}
