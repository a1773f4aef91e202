//! All that staff do in a run, and those who only react.

use futures_util::future::join_all;
use tokio::sync::watch;

use super::acting::Acting;
use super::server::MODERATORS;
use super::{events, holds, modes, pins, polls, questions, reactions, sanctions};

/// Bans users, decides on held messages, sets modes, tells events, holds a poll with draws, pins messages, answers questions and reacts until the clients are ready.
pub(super) async fn act(staff: &Acting<'_>, users: &[String], over: &watch::Sender<bool>) {
    let deciding = MODERATORS.map(|moderator| holds::decide(staff, moderator, over.subscribe()));
    let changing = modes::change(staff, over.subscribe());
    let telling = events::tell(staff, over.subscribe());
    let reacting = reactions::react(staff, over.subscribe());
    let asking = polls::hold(staff, over.subscribe());
    let pinning = pins::hold(staff, over.subscribe());
    let answering = questions::answer(staff, over.subscribe());
    let deciding = join_all(deciding);
    tokio::join!(
        sanctions::impose(staff, users, over),
        changing,
        telling,
        reacting,
        asking,
        pinning,
        answering,
        deciding
    );
}
