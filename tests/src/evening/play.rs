//! Playing an evening.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use super::log::Log;
use super::people::Evening;
use super::report::Report;
use super::scene::Scene;
use super::{moderator, spammer, viewer};
use crate::rest::User;
use crate::world::World;

/// Viewers that write; the others read.
const TALKERS: usize = 100;

impl Evening {
    /// Plays it.
    pub async fn play(self) -> Report {
        let world =
            World::with(&[("LIVE_CHAT_STRIKES", "5/60:600"), ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "30")])
                .await;
        let host = world.host();
        set_the_rules(&host).await;
        let (end, over) = watch::channel(false);
        let scene = Arc::new(Scene { log: Log::default(), began: Instant::now(), over });
        let readers = join_all((0..self.viewers).map(|nth| viewer::join(&world, nth, &scene))).await;
        let moderator = moderator::join(world.moderator(), &scene).await;
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

/// What a host sets before an event: no repeated texts, no links, a short list of words.
async fn set_the_rules(host: &User) {
    let modes = json!({"action": "set_modes", "modes": {"unique_seconds": 60, "links": "block"}});
    host.call(Method::POST, "moderation/actions", Some(modes.to_string())).await.ok();
    let block = |term: &str| json!({"term": term, "match": "word", "action": "block"});
    let terms = json!({"terms": [block("free coins"), block("casino")]});
    host.call(Method::PUT, "moderation/terms", Some(terms.to_string())).await.ok();
}
