//! All that staff do in a run.

use futures_util::future::join_all;
use tokio::sync::watch;

use super::acting::Acting;
use super::server::MODERATORS;
use super::{holds, modes, sanctions};

/// Bans users, decides on held messages and sets modes until the clients are ready.
pub(super) async fn act(staff: &Acting<'_>, users: &[String], over: &watch::Sender<bool>) {
    let deciding = MODERATORS.map(|moderator| holds::decide(staff, moderator, over.subscribe()));
    let changing = modes::change(staff, over.subscribe());
    tokio::join!(sanctions::impose(staff, users, over), changing, join_all(deciding));
}
