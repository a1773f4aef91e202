//! The moderator: bans whoever spams, with all that was said, a second after the first such message.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

use super::scene::{Scene, events};
use super::spammer::NEW_WORDS;
use crate::rest::User;

/// How long a person takes to read, decide and click.
const REACTION: Duration = Duration::from_secs(1);

/// Opens the moderator's socket, and acts until the evening is over.
pub(super) async fn join(user: User, scene: &Arc<Scene>) -> JoinHandle<()> {
    let url = user.socket_url("1", "&batch=1");
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a moderator may connect");
    let scene = Arc::clone(scene);
    tokio::spawn(async move {
        let (mut over, mut known, mut acts) = (scene.over.clone(), BTreeSet::new(), Vec::new());
        loop {
            let message = tokio::select! {
                _ = over.wait_for(|over| *over) => break,
                message = socket.next() => message,
            };
            let Some(Ok(Message::Text(text))) = message else { continue };
            for event in events(&text).iter().filter(|event| event["type"] == "new_message") {
                let is_spam = event["message"]["message"].as_str().is_some_and(|text| text.contains(NEW_WORDS));
                let author = event["message"]["user_id"].as_str().unwrap_or_default();
                if is_spam && known.insert(author.to_owned()) {
                    acts.push(tokio::spawn(ban(user.clone(), author.to_owned(), Arc::clone(&scene))));
                }
            }
        }
        for act in acts {
            act.await.expect("a ban is acknowledged");
        }
    })
}

async fn ban(moderator: User, user_id: String, scene: Arc<Scene>) {
    if !scene.pause(REACTION).await {
        return;
    }
    let asked_ms = scene.now_ms();
    let body = json!({"action": "ban", "user_id": user_id, "delete_messages": true, "reason": "spam", "client_action_id": user_id});
    moderator.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    scene.log.notes().bans.insert(user_id, (asked_ms, scene.now_ms()));
}
