//! Acts of staff in a run: each is repeated under its key until it is answered, however many answers are lost.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::domain::moderation::modes::Modes;
use tokio::sync::watch;

use super::server::Server;
use crate::faults::plan::mix;
use crate::history::{Deed, Event, Moderation, Recorder};

/// An act is repeated for so long: no profile makes it fail for nearly that time, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(180);
/// One acknowledged act in so many is repeated all the same.
const REPEATED: u64 = 4;

/// See the module.
pub(super) struct Acting<'a> {
    pub(super) server: &'a Server,
    pub(super) recorder: &'a Recorder,
    pub(super) seed: u64,
}

impl Acting<'_> {
    /// Waits for an id that is not among those that were tried, and notes it there; `None` once the clients are ready.
    pub(super) async fn next_of(
        &self,
        over: &mut watch::Receiver<bool>,
        tried: &mut BTreeSet<u64>,
        id_of: impl Fn(&Event) -> Option<u64>,
    ) -> Option<u64> {
        let untried = |events: &[Event]| events.iter().filter_map(&id_of).find(|id| !tried.contains(id));
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => return None,
            () = self.recorder.until(|events| untried(events).is_some()) => {}
        }
        let id = untried(&self.recorder.events())?;
        tried.insert(id);
        Some(id)
    }

    /// Acts on a user or a held message. The id of the entry; `None` if what holds does not allow it.
    pub(super) async fn insist(&self, by: &str, deed: Deed) -> Option<String> {
        self.insist_with(by, deed, Modes::default()).await
    }

    /// Sets all modes.
    pub(super) async fn set(&self, by: &str, modes: Modes) {
        self.insist_with(by, Deed::SetModes, modes).await.expect("nothing forbids modes");
    }

    /// Repeats a call of a route of its own until it is answered; `note` notes each try. `None` if what holds does not allow it, or it is about
    /// nothing that is there.
    pub(super) async fn repeat(&self, by: &str, path: &str, body: &Value, note: impl Fn()) -> Option<Value> {
        let (begun, mut last) = (Instant::now(), None);
        while begun.elapsed() < PATIENCE {
            note();
            match self.server.call(by, "POST", path, Some(body.clone())).await {
                Some((200 | 201, answer)) => return Some(answer),
                Some((404 | 409, _)) => return None,
                Some((status, answer)) if status < 500 && status != 429 => {
                    panic!("{path} was answered {status} {answer}")
                }
                failure => {
                    last = failure;
                    self.recorder.wait(Duration::from_millis(50)).await;
                }
            }
        }
        panic!("seed {}: {path} failed for {PATIENCE:?}, at last with {last:?}", self.seed)
    }

    async fn insist_with(&self, by: &str, deed: Deed, modes: Modes) -> Option<String> {
        let act = self.server.names.next();
        let body = body(act, &deed, modes);
        self.recorder.note(Moderation::Asking { act, by: by.to_owned(), deed, modes });
        let mut answers = 1 + usize::from(mix(self.seed, "repeated act", act).is_multiple_of(REPEATED));
        let (begun, mut last) = (Instant::now(), None);
        while begun.elapsed() < PATIENCE {
            match self.server.call(by, "POST", "moderation/actions", Some(body.clone())).await {
                Some((200, entry)) => {
                    let id = entry["id"].as_str().unwrap_or_default().to_owned();
                    let message_id = entry["target"]["message_ids"][0].as_u64();
                    self.recorder.note(Moderation::Done { act, id: id.clone(), message_id });
                    answers -= 1;
                    if answers == 0 {
                        return Some(id);
                    }
                }
                Some((409, problem)) => {
                    let detail = problem["detail"].as_str().unwrap_or_default().to_owned();
                    self.recorder.note(Moderation::Conflict { act, detail });
                    return None;
                }
                // Nobody has opened the session yet, or the room is full for a moment.
                Some((status, answer)) if status < 500 && status != 429 && answer["code"] != "chat_not_active" => {
                    panic!("{body} was answered {status} {answer}")
                }
                failure => {
                    last = failure;
                    self.recorder.wait(Duration::from_millis(50)).await;
                }
            }
        }
        panic!("seed {}: {body} failed for {PATIENCE:?}, at last with {last:?}", self.seed)
    }
}

fn body(act: u64, deed: &Deed, modes: Modes) -> Value {
    let mut body = json!({"action": deed.action(), "client_action_id": format!("act {act}")});
    match deed {
        Deed::Ban(user) | Deed::Lift(user) => body["user_id"] = json!(user),
        Deed::Approve(id) | Deed::Deny(id) => body["held_id"] = json!(id),
        Deed::SetModes => body["modes"] = json!(modes),
    }
    body
}
