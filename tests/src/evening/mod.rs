//! An evening as a host: viewers talk, spammers spam, one moderator bans them, and a table says what each of them noticed.

mod log;
mod moderator;
mod report;
mod spammer;
mod viewer;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use gateway::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use self::log::Log;
pub use self::report::Report;
use crate::rest::User;
use crate::world::World;

/// Viewers that write; the others read.
const TALKERS: usize = 100;

/// The people of an evening, and its length.
#[derive(Clone, Copy, Debug)]
pub struct Evening {
    /// Honest viewers.
    pub viewers: usize,
    /// Users who spam.
    pub spammers: usize,
    /// The length.
    pub length: Duration,
}

/// What all people of an evening share.
struct Scene {
    log: Log,
    began: Instant,
    over: watch::Receiver<bool>,
}

impl Scene {
    /// Milliseconds since the evening began.
    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    /// Waits; `false` if the evening is over.
    async fn pause(&self, pause: Duration) -> bool {
        let mut over = self.over.clone();
        tokio::select! {
            _ = over.wait_for(|over| *over) => false,
            () = tokio::time::sleep(pause) => true,
        }
    }
}

impl Evening {
    /// Plays it.
    pub async fn play(self) -> Report {
        let world =
            World::with(&[("LIVE_CHAT_STRIKES", "5/60:600"), ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "30")])
                .await;
        let host = staff(&world, "hans", "host");
        set_the_rules(&host).await;
        let (end, over) = watch::channel(false);
        let scene = Arc::new(Scene { log: Log::default(), began: Instant::now(), over });
        let readers = join_all((0..self.viewers).map(|nth| viewer::join(&world, nth, &scene))).await;
        let moderator = moderator::join(staff(&world, "mona", "moderator"), &scene).await;
        let talkers = (0..self.viewers.min(TALKERS))
            .map(|nth| tokio::spawn(viewer::talk(world.user(&format!("viewer-{nth}")), nth, Arc::clone(&scene))));
        let spammers = (0..self.spammers)
            .map(|nth| tokio::spawn(spammer::spam(world.user(&format!("spam-{nth}")), nth, Arc::clone(&scene))));
        let people: Vec<_> = talkers.chain(spammers).collect();
        tokio::time::sleep(self.length).await;
        end.send_replace(true);
        join_all(people).await;
        moderator.await.expect("the moderator does not fail");
        let seen = join_all(readers).await.into_iter().map(|seen| seen.expect("a viewer does not fail")).collect();
        Report::of(self, &scene.log, seen, scene.now_ms())
    }
}

fn staff(world: &World, id: &str, role: &str) -> User {
    world.user_with(Claims { sub: id.to_owned(), roles: vec![role.to_owned()], ..Claims::default() })
}

/// What a host sets before an event: no repeated texts, no links, a short list of words.
async fn set_the_rules(host: &User) {
    let modes = json!({"action": "set_modes", "modes": {"unique_seconds": 60, "links": "block"}});
    host.call(Method::POST, "moderation/actions", Some(modes.to_string())).await.ok();
    let block = |term: &str| json!({"term": term, "match": "word", "action": "block"});
    let terms = json!({"terms": [block("free coins"), block("casino")]});
    host.call(Method::PUT, "moderation/terms", Some(terms.to_string())).await.ok();
}

/// The frames of a socket, those of a batch one by one.
fn events(text: &str) -> Vec<Value> {
    let Ok(mut frame) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    match frame["events"].take() {
        Value::Array(events) if frame["type"] == "batch" => events,
        _ => vec![frame],
    }
}
