//! A spammer: says the same again, links, evades words, and finds new words, over a socket that is opened again whenever it is closed.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;

use super::scene::Scene;
use crate::rest::User;

/// The pause between two tries of a spammer.
const PAUSE: Duration = Duration::from_millis(900);

/// Spam that no rule knows. The moderator recognises it.
pub(super) const NEW_WORDS: &str = "look at my profile";

/// Spams until the evening is over, whatever the answers are.
pub(super) async fn spam(user: User, nth: usize, scene: Arc<Scene>) {
    let open = tokio::spawn(stay(user.clone(), Arc::clone(&scene)));
    let mut pause = PAUSE.mul_f64((nth % 9) as f64 / 9.0);
    let mut line = 0;
    while scene.pause(pause).await {
        let text = match line % 4 {
            0 => "follow me, I follow back".to_owned(),
            1 => format!("line {line}: https://win-{nth}.example/{line}"),
            2 => format!("{line} fr\u{435}e c0ins for {nth}"),
            _ => format!("you there, {NEW_WORDS}, number {line} of {nth}"),
        };
        let began_ms = scene.now_ms();
        let answer = user.send(&text).await;
        scene.log.sent(&user.id, began_ms, answer.json["code"].as_str().unwrap_or("ok"));
        (line, pause) = (line + 1, PAUSE);
    }
    open.await.expect("a spammer's socket does not fail");
}

/// Keeps a socket open, and opens it again when the chat closes it. Notes when the chat closed one.
async fn stay(user: User, scene: Arc<Scene>) {
    while scene.pause(Duration::from_millis(100)).await {
        let Ok((mut socket, _)) = tokio_tungstenite::connect_async(user.socket_url("1", "&batch=1")).await else {
            continue;
        };
        let mut over = scene.over.clone();
        loop {
            let message = tokio::select! {
                _ = over.wait_for(|over| *over) => return,
                message = socket.next() => message,
            };
            if !matches!(&message, Some(Ok(message)) if !message.is_close()) {
                scene.log.notes().closed.insert(user.id.clone(), scene.now_ms());
                break;
            }
        }
    }
}
