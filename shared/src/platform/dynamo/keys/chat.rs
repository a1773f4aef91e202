//! The keys of the chat table.

use std::hash::Hasher;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::broadcast::notice::NoticeId;
use crate::domain::hosted_id::HostedId;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::Pseudonym;
use crate::domain::moderation::held_id::HeldId;
use crate::domain::reactions::state::STATE as REACTIONS;
use crate::domain::session::room::RoomName;

use super::Key;

/// The partition of all windows, sorted by the draw's date.
pub(crate) const WINDOWS: &str = "windows";

/// The row that maps a window to its session.
pub(crate) fn window(window_key: &str) -> Key {
    Key::new(WINDOWS.to_owned(), window_key)
}

/// The sessions of a room that are open or to come, as far as hosts created them.
pub(crate) fn bookings(room: &RoomName) -> Key {
    Key::new(format!("bookings#{}", room.as_str()), "bookings")
}

/// The partition of the sessions that hosts created or changed, until `housekeep` has nothing to do for them any more.
pub(crate) const MANAGED_SESSIONS: &str = "managed-sessions";

/// A session in that list.
pub(crate) fn managed_session(session_id: u64) -> Key {
    Key::new(MANAGED_SESSIONS.to_owned(), format!("{session_id:020}"))
}

/// The settings of a session, as they were changed last.
pub(crate) fn session_settings(session_id: u64) -> Key {
    Key::new(format!("settings#{session_id}"), "settings")
}

/// The id of the newest session.
pub(crate) fn last_session() -> Key {
    Key::new("sessions".to_owned(), "last")
}

/// The partition of a session's head: the session, the shards of its likes, its number of viewers.
pub(crate) fn head(session_id: u64) -> String {
    format!("session#{session_id}")
}

/// The session itself.
pub(crate) fn session(session_id: u64) -> Key {
    Key::new(head(session_id), "session")
}

/// One shard of the session's likes.
pub(crate) fn like_shard(session_id: u64, shard: u8) -> Key {
    Key::new(head(session_id), format!("likes#{shard}"))
}

/// The session's number of viewers.
pub(crate) fn viewers(session_id: u64) -> Key {
    Key::new(head(session_id), "viewers")
}

/// The prefix of the sort keys of a session's states. The stream's filter (`template.yaml`) passes all of them.
pub(crate) const STATE_PREFIX: &str = "state#";

/// A state that a session's room is kept up to date with, by its name. It is read with the session's head.
pub fn state(session_id: u64, name: &str) -> Key {
    Key::new(head(session_id), format!("{STATE_PREFIX}{name}"))
}

/// The partition of a session's messages.
pub(crate) fn messages(session_id: u64) -> String {
    format!("messages#{session_id}")
}

/// A message, or the void under its number.
pub(crate) fn message(session_id: u64, seq: u64) -> Key {
    Key::new(messages(session_id), message_sort_key(seq))
}

/// The sort key of a message. Its fixed length makes keys sort like numbers.
pub(crate) fn message_sort_key(seq: u64) -> String {
    format!("{seq:08}")
}

/// The partition that lists the questions of a session, by their numbers.
pub(crate) fn questions(session_id: u64) -> String {
    format!("questions#{session_id}")
}

/// A question in that list.
pub(crate) fn question(id: MessageId) -> Key {
    Key::new(questions(id.session_id()), message_sort_key(id.seq()))
}

/// What purges and clears cover of a session. It has a partition of its own: each page of messages reads it.
pub(crate) fn covered(session_id: u64) -> Key {
    Key::new(format!("covered#{session_id}"), "covered")
}

/// The partition of the changes of a session's old messages.
pub(crate) fn old_changes(session_id: u64) -> String {
    format!("changed#{session_id}")
}

/// A change of an old message in a minute, counted from 1970.
pub(crate) fn old_change(id: MessageId, minute: i64) -> Key {
    let sk = format!("{}{}", old_changes_from(minute), message_sort_key(id.seq()));
    Key::new(old_changes(id.session_id()), sk)
}

/// The beginning of the sort keys of a minute's changes.
pub(crate) fn old_changes_from(minute: i64) -> String {
    format!("{minute:010}#")
}

/// The partition of the messages of a session that wait for a decision, sorted by their ids.
pub(crate) fn held_messages(session_id: u64) -> String {
    format!("held#{session_id}")
}

/// A message that waits for a decision.
pub(crate) fn held(session_id: u64, id: &HeldId) -> Key {
    Key::new(held_messages(session_id), id.as_str())
}

/// The sort key of [`held_closed`]. It sorts after all ids, whose first digit is 7 at most.
pub(crate) const HELD_CLOSED: &str = "closed";

/// The mark of a session in which no message waits any more.
pub(crate) fn held_closed(session_id: u64) -> Key {
    Key::new(held_messages(session_id), HELD_CLOSED)
}

/// The partition of the held messages of a session that were decided on.
pub(crate) fn resolved_messages(session_id: u64) -> String {
    format!("resolved#{session_id}")
}

/// A held message that was decided on.
pub(crate) fn resolved(session_id: u64, id: &HeldId) -> Key {
    Key::new(resolved_messages(session_id), id.as_str())
}

/// The partition of what a user has waiting, by session.
pub(crate) fn all_waiting(user_id: &str) -> String {
    format!("waiting#{user_id}")
}

/// The ids of the messages that a user has waiting in a session.
pub(crate) fn waiting(user_id: &str, session_id: u64) -> Key {
    Key::new(all_waiting(user_id), session_id.to_string())
}

/// The partition of a session's polls, sorted by their numbers.
pub(crate) fn polls(session_id: u64) -> String {
    format!("polls#{session_id}")
}

/// A poll: its question, its options and, once it has ended, its result.
pub(crate) fn poll(id: HostedId) -> Key {
    Key::new(polls(id.session_id()), hosted_sort_key(id.number()))
}

/// The sort key of a poll or a draw. Its fixed length makes keys sort like numbers.
pub(crate) fn hosted_sort_key(number: u64) -> String {
    format!("{number:05}")
}

/// A shard of a poll has a partition of its own: the tally of its users' votes, and these votes.
fn poll_shard(id: HostedId, shard: u8) -> String {
    format!("poll#{id}#{shard}")
}

/// The tally of a shard of a poll. To the stream's filter it is a state.
pub(crate) fn poll_tally(id: HostedId, shard: u8) -> Key {
    Key::new(poll_shard(id, shard), TALLY)
}

/// The sort key of [`poll_tally`].
pub(crate) const TALLY: &str = "state#tally";

/// The prefix of the sort keys of votes.
pub(crate) const VOTE_PREFIX: &str = "vote#";

/// A user's vote, beside the tally that counts it.
pub(crate) fn vote(id: HostedId, shard: u8, user_id: &str) -> Key {
    Key::new(poll_shard(id, shard), format!("{VOTE_PREFIX}{user_id}"))
}

/// The partition of a session's draws, sorted by their numbers.
pub(crate) fn draws(session_id: u64) -> String {
    format!("draws#{session_id}")
}

/// A draw.
pub(crate) fn draw(id: HostedId) -> Key {
    Key::new(draws(id.session_id()), hosted_sort_key(id.number()))
}

/// The hashes of a part of a list of entrants.
pub(crate) fn entrant_hashes(id: HostedId, list: &str, part: usize) -> Key {
    Key::new(format!("draw#{id}"), format!("hashes#{list}#{part:05}"))
}

/// The people of a part of a list of entrants.
pub(crate) fn entrant_people(id: HostedId, list: &str, part: usize) -> Key {
    Key::new(format!("draw#{id}"), format!("{PEOPLE_PREFIX}{list}#{part:05}"))
}

/// The prefix of the sort keys of people in lists of entrants.
pub(crate) const PEOPLE_PREFIX: &str = "people#";

/// A user's like of a session.
pub(crate) fn session_like(session_id: u64, user_id: &str) -> Key {
    Key::new(format!("like#session#{session_id}#{user_id}"), "like")
}

/// A user's like of a message.
pub(crate) fn message_like(id: MessageId, user_id: &str) -> Key {
    Key::new(format!("like#message#{id}#{user_id}"), "like")
}

/// The partition that lists the messages of a session that a user likes.
pub(crate) fn liked_messages(session_id: u64, user_id: &str) -> String {
    format!("likes#{session_id}#{user_id}")
}

/// A message in the list of those that a user likes.
pub(crate) fn liked_message(id: MessageId, user_id: &str) -> Key {
    Key::new(liked_messages(id.session_id(), user_id), message_sort_key(id.seq()))
}

/// The shard that counts what a user does, of so many. A change finds it there without a read.
pub(crate) fn shard_of(user_id: &str, shards: u8) -> u8 {
    let mut hasher = fnv::FnvHasher::default();
    hasher.write(user_id.as_bytes());
    (hasher.finish() % u64::from(shards)) as u8
}

/// The prefix of the partitions of reactions. The stream's filter (`template.yaml`) passes all of them.
pub(crate) const REACTIONS_PREFIX: &str = "reactions#";

/// Transactions conflict on an item: so many shards let a room of thousands react at once.
pub(crate) const REACTION_SHARDS: u8 = 16;

/// One shard of the session's reactions, a partition of its own.
pub(crate) fn reaction_shard(session_id: u64, shard: u8) -> Key {
    Key::new(format!("{REACTIONS_PREFIX}{session_id}#{shard}"), "shard")
}

/// The sum of the session's reactions, as the room was told last. It is read with the session's head. The name is none of a state: the
/// broadcast itself writes the row, which need not wake it.
pub(crate) fn reactions(session_id: u64) -> Key {
    Key::new(head(session_id), REACTIONS)
}

/// The partition of what is left for a session's broadcast: its wake-up and its outbox. The stream's filter (`template.yaml`) passes
/// all of it.
pub(crate) fn bell(session_id: u64) -> String {
    format!("bell#{session_id}")
}

/// A wake-up of the broadcast.
pub(crate) fn wake_up(session_id: u64) -> Key {
    Key::new(bell(session_id), "ring")
}

/// The prefix of the sort keys of requests to close sockets.
pub(crate) const CLOSE_PREFIX: &str = "close#";

/// A request to the broadcast to close a socket.
pub(crate) fn close_request(session_id: u64, connection_id: &str) -> Key {
    Key::new(bell(session_id), format!("{CLOSE_PREFIX}{connection_id}"))
}

/// The prefix of the sort keys of notices.
pub(crate) const NOTICE_PREFIX: &str = "notice#";

/// A notice. Notices sort by their ids.
pub(crate) fn notice(session_id: u64, id: &NoticeId) -> Key {
    Key::new(bell(session_id), format!("{NOTICE_PREFIX}{id}"))
}

/// The partition of the reports of a message.
pub(crate) fn reports_of(id: MessageId) -> String {
    format!("report#{id}")
}

/// The prefix of the sort keys of reports: a user's id alone could look like the key of a row that wakes the broadcast.
pub(crate) const REPORTER_PREFIX: &str = "by#";

/// A user's report of a message.
pub(crate) fn report(id: MessageId, user_id: &str) -> Key {
    Key::new(reports_of(id), format!("{REPORTER_PREFIX}{user_id}"))
}

/// The partition of the tallies of a session's reported messages.
pub(crate) fn tallies(session_id: u64) -> String {
    format!("reports#{session_id}")
}

/// The tally of a message's reports.
pub(crate) fn tally(id: MessageId) -> Key {
    Key::new(tallies(id.session_id()), message_sort_key(id.seq()))
}

/// The standing of a user.
pub(crate) fn standing(user_id: &str) -> Key {
    Key::new(format!("standing#{user_id}"), "standing")
}

/// The partition of the sanctions that were not lifted or replaced, sorted by the ids of their acts.
pub(crate) const SANCTIONS: &str = "sanctions";

/// A sanction in the list.
pub(crate) fn listed_sanction(act: &ActionId) -> Key {
    Key::new(SANCTIONS.to_owned(), act.as_str())
}

/// The row that points at the newest version of the list of terms.
pub(crate) fn newest_terms() -> Key {
    Key::new("terms".to_owned(), "newest")
}

/// A version of the list of terms. Its parts are in the same partition.
pub(crate) fn terms(version: u64) -> Key {
    Key::new(format!("terms#{version}"), "list")
}

/// The beginning of the sort keys of the parts that were written under an id.
pub(crate) fn terms_parts(id: &str) -> String {
    format!("part#{id}#")
}

/// A part of a version of the list of terms.
pub(crate) fn terms_part(version: u64, id: &str, index: usize) -> Key {
    Key::new(terms(version).pk, format!("{}{index:02}", terms_parts(id)))
}

/// The modes of a session, as they were set last.
pub(crate) fn modes(session_id: u64) -> Key {
    Key::new(format!("modes#{session_id}"), "modes")
}

/// The presets of a room.
pub(crate) fn presets(room: &RoomName) -> Key {
    Key::new(format!("presets#{}", room.as_str()), "presets")
}

/// The pseudonym of a user in the audit log.
pub(crate) fn pseudonym(user_id: &str) -> Key {
    Key::new(format!("pseudonym#{user_id}"), "pseudonym")
}

/// The user behind a pseudonym.
pub(crate) fn person(pseudonym: &Pseudonym) -> Key {
    Key::new(format!("person#{}", pseudonym.as_str()), "person")
}

/// The free text of an entry of the audit log, with the person whom it concerns.
pub(crate) fn entry_text(pseudonym: &Pseudonym, id: &ActionId) -> Key {
    Key::new(format!("person#{}", pseudonym.as_str()), format!("act#{id}"))
}

/// The partition of the acts that an actor asked for under keys.
pub(crate) fn acts_of(actor_id: &str) -> String {
    format!("acted#{actor_id}")
}

/// The entry of an act that an actor asked for under a `client_action_id`. One key stands for several acts if it was asked for in bulk.
pub(crate) fn acted(actor_id: &str, client_action_id: &str, part: &str) -> Key {
    // A `client_action_id` has no control characters.
    let hash = digest(&SHA256, format!("{client_action_id}\0{part}").as_bytes());
    Key::new(acts_of(actor_id), URL_SAFE_NO_PAD.encode(hash))
}

/// The partition of acts whose last steps are not done yet, sorted by their ids.
pub(crate) const UNFINISHED: &str = "unfinished";

/// An act whose last steps are not done yet.
pub(crate) fn unfinished(id: &ActionId) -> Key {
    Key::new(UNFINISHED.to_owned(), id.as_str())
}

/// The partition of erasures that are not done, sorted by the ids of their acts.
pub(crate) const ERASURES: &str = "erasures";

/// An erasure that is not done.
pub(crate) fn erasure(act: &ActionId) -> Key {
    Key::new(ERASURES.to_owned(), act.as_str())
}

/// The key with which the ids of erased users are hashed.
pub(crate) fn erasure_key() -> Key {
    Key::new("erasure-key".to_owned(), "key")
}

/// What holds of an erased user, by the keyed hash of the id.
pub(crate) fn kept_standing(hash: &str) -> Key {
    Key::new(format!("kept-standing#{hash}"), "standing")
}

/// The note that a user was erased, by the keyed hash of the id. A restored backup is erased by it once more.
pub(crate) fn erased_user(hash: &str) -> Key {
    Key::new("erased-users".to_owned(), hash)
}
