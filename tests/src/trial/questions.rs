//! A moderator who marks the questions of a run as answered, some of them as open again, and the lists of questions that clients read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::acting::Acting;
use super::client::{Client, ids, read_message};
use super::row::number;
use super::server::{MODERATORS, STAFF, Server};
use crate::faults::plan::mix;
use crate::history::{Event, ListedQuestion, QuestionEvent};

/// Questions that are marked in a run.
const MARKS: u64 = 3;

/// Marks questions as they come, until the clients are ready.
pub(super) async fn answer(acting: &Acting<'_>, mut over: watch::Receiver<bool>) {
    let mut marked = BTreeSet::new();
    for nth in 0..MARKS {
        let Some(id) = acting.next_of(&mut over, &mut marked, asked).await else { return };
        mark(acting, id, true).await;
        if mix(acting.seed, "mark", nth).is_multiple_of(2) {
            mark(acting, id, false).await;
        }
    }
}

/// The question, if it is acknowledged.
fn asked(event: &Event) -> Option<u64> {
    if let Event::Questions(QuestionEvent::Asked { id }) = event { Some(*id) } else { None }
}

async fn mark(acting: &Acting<'_>, id: u64, answered: bool) {
    acting.recorder.note(QuestionEvent::Marking { id, answered });
    let [.., by] = MODERATORS;
    let path = format!("questions/{id}/answered");
    acting.recorder.note(match acting.repeat(by, &path, &json!({"answered": answered}), || {}).await {
        Some(_) => QuestionEvent::Marked { id, answered },
        None => QuestionEvent::Gone { id },
    });
}

/// A client reads the list, which is a page of messages as well.
pub(super) async fn read(client: &Client, variant: u64) {
    let (read, ask) = (client.server.names.next(), client.server.names.next());
    client.recorder.note(QuestionEvent::Reading { read });
    client.recorder.note(Event::ReadingLikes { read });
    client.recorder.note(Event::Asking { ask });
    let by_age = variant.is_multiple_of(2);
    let sort = if by_age { "new" } else { "likes" };
    let answer = client.server.call(&client.name, "GET", &format!("questions?sort={sort}"), None).await;
    let Some((200, answer)) = answer else { return };
    let questions = answer["questions"].as_array().map(Vec::as_slice).unwrap_or_default();
    client.recorder.note(Event::Answered { ask, ids: ids(questions) });
    for question in questions {
        client.recorder.note(read_message(question));
        let (message, likes) = (question["id"].as_u64(), number(question, "likes"));
        client.recorder.note(Event::ReadLikes { read, message, likes });
    }
    client.recorder.note(QuestionEvent::Read { read, by_age, listed: questions.iter().map(listed).collect() });
}

/// The list at the end of a run, those with the most votes first.
pub(super) async fn list(server: &Server) -> Vec<ListedQuestion> {
    let Some((200, answer)) = server.call(STAFF, "GET", "questions", None).await else { return Vec::new() };
    answer["questions"].as_array().into_iter().flatten().map(listed).collect()
}

fn listed(question: &Value) -> ListedQuestion {
    let (id, likes) = (number(question, "id"), number(question, "likes"));
    ListedQuestion { id, likes, answered: question["answered"] == true }
}
