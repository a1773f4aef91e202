//! An honest viewer: reads everything, and perhaps says something now and then.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

use super::scene::{Scene, events};
use crate::rest::User;
use crate::world::World;

/// The pause between two messages of a viewer.
const PAUSE: Duration = Duration::from_secs(5);

/// What one viewer saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The delays of honest messages, in milliseconds.
    pub(super) delays_ms: Vec<u64>,
    /// The spam by its number: its author, and when it came and went.
    pub(super) spam: BTreeMap<u64, Spam>,
}

/// A spam message at one viewer.
#[derive(Clone, Debug)]
pub(super) struct Spam {
    pub(super) author: String,
    pub(super) came_ms: u64,
    pub(super) went_ms: Option<u64>,
}

/// Opens the socket of a viewer. It reads until the evening is over.
pub(super) async fn join(world: &World, nth: usize, scene: &Arc<Scene>) -> JoinHandle<Seen> {
    let url = world.user(&format!("viewer-{nth}")).socket_url("1", "&batch=1");
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a viewer may connect");
    let scene = Arc::clone(scene);
    tokio::spawn(async move {
        let (mut seen, mut over) = (Seen::default(), scene.over.clone());
        loop {
            let message = tokio::select! {
                _ = over.wait_for(|over| *over) => return seen,
                message = socket.next() => message,
            };
            match message {
                Some(Ok(Message::Text(text))) => seen.take(&text, scene.now_ms()),
                Some(Ok(_)) => {}
                other => panic!("the socket of an honest viewer ended: {other:?}"),
            }
        }
    })
}

impl Seen {
    fn take(&mut self, text: &str, now_ms: u64) {
        for event in events(text) {
            let message = &event["message"];
            match event["type"].as_str().unwrap_or_default() {
                "new_message" => {
                    let (author, seq) = (message["user_id"].as_str().unwrap_or_default(), message["seq"].as_u64());
                    let sent_ms =
                        message["message"].as_str().and_then(|text| text.rsplit_once('@')?.1.parse::<u64>().ok());
                    if author.starts_with("spam-") {
                        let spam = Spam { author: author.to_owned(), came_ms: now_ms, went_ms: None };
                        self.spam.insert(seq.expect("a number"), spam);
                    } else if let Some(sent_ms) = sent_ms {
                        self.delays_ms.push(now_ms.saturating_sub(sent_ms));
                    }
                }
                "user_purged" => {
                    let up_to = event["up_to_seq"].as_u64().expect("a number");
                    let gone =
                        self.spam.range_mut(..=up_to).filter(|(_, spam)| event["user_id"] == spam.author.as_str());
                    gone.for_each(|(_, spam)| spam.went_ms = spam.went_ms.or(Some(now_ms)));
                }
                _ => {}
            }
        }
    }
}

/// Says something every few seconds; each text tells when it was sent.
pub(super) async fn talk(user: User, nth: usize, scene: Arc<Scene>) {
    // They do not all speak at once.
    let mut pause = PAUSE.mul_f64((nth % 50) as f64 / 50.0);
    let mut line = 0;
    while scene.pause(pause).await {
        let began_ms = scene.now_ms();
        let answer = user.send(&format!("line {line} of {nth}, sent @{began_ms}")).await;
        scene.log.sent(&user.id, began_ms, answer.json["code"].as_str().unwrap_or("ok"));
        (line, pause) = (line + 1, PAUSE);
    }
}
