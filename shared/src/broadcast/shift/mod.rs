//! One holder's time with the lease of a session: it tells what is new until nothing is.

mod closing;
mod events;
mod flush;
mod missed;
mod posting;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use self::flush::Flush;
use crate::broadcast::Broadcast;
use crate::broadcast::catch_up::CatchUp;
use crate::broadcast::cursor::{Cursor, LEASE};
use crate::broadcast::fan_out::Event;
use crate::broadcast::news::News;
use crate::domain::broadcast::gaps::look_ahead;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::messages::store::LogEntry;
use crate::features::sockets::store::{SLICE, Subscribers};
use crate::platform::posting::rate_limiter::RateLimiter;

/// A missing number below a stored one is waited for this long.
const SENDER_TIMEOUT: Duration = Duration::from_millis(100);
/// How often the table is looked at while something is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// For so long after its last event a shift helps sockets that are behind; then it rings for them, and others have their turn.
const HELP: Duration = Duration::from_millis(500);
/// A shift gives its turn up after this long: the stream's next bells, of whatever session, wait for its end. A batch brings up to
/// 2,000 bells (template.yaml), so as many a second are answered before they are too old, even in a room that is never quiet.
const TURN: Duration = Duration::from_secs(1);
/// Numbers that are read at once.
const NUMBERS_AT_ONCE: i32 = 200;

/// How a shift ended.
pub(crate) enum End {
    /// Nothing is left, or the turn is over.
    Done,
    /// Somebody else has the lease, since this holder was slower than it lasts.
    LeaseLost,
}

/// See the module.
pub(crate) struct Shift {
    broadcast: Broadcast,
    session_id: u64,
    owner: String,
    lease_renewed: Instant,
    begun: Instant,
    /// When it began by the clock, in milliseconds since 1970, and whether it ended well.
    turn_ms: i64,
    ended_well: bool,
    deadline: Instant,
    cursor: Cursor,
    news: News,
    /// Sockets of the room when it was looked at last.
    room_size: usize,
    catch_up: CatchUp,
    /// When something was told last.
    told: Instant,
    /// Sockets that this shift has set aside at some time: the notes in their places are its own.
    set_aside: HashSet<String>,
    /// The number that is missing, and since when.
    missing: Option<(u64, Instant)>,
    /// Whether the shift ends as soon as no post is under way.
    is_leaving: bool,
    pace: Arc<RateLimiter>,
    /// What the next flush is made of, and what became of the last one.
    flush: Flush,
}

impl Shift {
    /// Begins with the lease just taken.
    pub(crate) fn begin(
        broadcast: Broadcast,
        session_id: u64,
        owner: String,
        cursor: Cursor,
        news: News,
        deadline: Instant,
    ) -> Shift {
        let pace = Arc::new(RateLimiter::new(broadcast.chat.config.posts_per_second));
        let turn_ms = broadcast.chat.clock.now().as_millisecond();
        Shift {
            broadcast,
            session_id,
            owner,
            lease_renewed: Instant::now(),
            begun: Instant::now(),
            turn_ms,
            ended_well: false,
            deadline,
            cursor,
            news,
            room_size: 0,
            catch_up: CatchUp::new(Arc::clone(&pace)),
            told: Instant::now(),
            set_aside: HashSet::new(),
            missing: None,
            is_leaving: false,
            pace,
            flush: Flush::default(),
        }
    }

    /// Tells what is new until nothing is, or the turn is over, or somebody else has the lease.
    pub(crate) async fn work(&mut self) -> Result<End, ChatError> {
        let end = self.tell_until_the_end().await?;
        self.ended_well = matches!(end, End::Done);
        Ok(end)
    }

    async fn tell_until_the_end(&mut self) -> Result<End, ChatError> {
        self.look_for_what_was_missed().await?;
        if std::mem::take(&mut self.news.behind) {
            self.help_those_behind().await?;
        }
        loop {
            let began = Instant::now();
            let (numbers, missing) = self.numbers_that_are_ready().await?;
            let events = self.events(&numbers).await?;
            let told = !numbers.is_empty() || !events.is_empty();
            if told {
                self.tell(&numbers, &events, began).await?;
                self.told = Instant::now();
                self.report_flush(&numbers, &events, began);
                if !self.move_cursor().await? {
                    return Ok(End::LeaseLost);
                }
                if !self.turn_is_over() && !self.is_leaving {
                    continue;
                }
            }
            self.close_unwanted().await?;
            if self.news.ended && !told && missing.is_none() && self.catch_up.is_empty() {
                return self.finish().await;
            }
            let counters_wait = self.until_counters_are_due();
            // While this shift waits for a slow socket alone, the stream's next bells wait for its end.
            let helped_enough = self.catch_up.is_empty() || (self.told.elapsed() > HELP && !self.news.ended);
            let nothing_left = !told && missing.is_none() && counters_wait.is_none() && helped_enough;
            if nothing_left || self.turn_is_over() || self.is_leaving {
                // Whoever is about to leave waits for posts that are under way: another one would not know of them. But whatever
                // comes meanwhile is told, for a post may take seconds.
                self.is_leaving = true;
                self.catch_up.pause();
                if !self.catch_up.is_posting() || Instant::now() >= self.deadline {
                    return Ok(End::Done);
                }
            }
            if !self.keep_lease().await? {
                return Ok(End::LeaseLost);
            }
            let wait = counters_wait.map_or(LOOK_AGAIN, |wait| wait.min(LOOK_AGAIN));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.catch_up.wait_for_one() => {}
            }
        }
    }

    fn turn_is_over(&self) -> bool {
        self.begun.elapsed() >= TURN || Instant::now() >= self.deadline
    }

    /// Ends the shift: gives the lease back, so that who waits need not wait for its end. Answers with what is left to be told,
    /// and with the number up to which all are settled.
    pub(crate) async fn end(mut self) -> (News, u64) {
        self.news.behind = !self.catch_up.is_empty();
        self.catch_up.stop().await;
        let (store, session_id, owner) = (&self.broadcast.chat.store, self.session_id, &self.owner);
        let given_back = match self.ended_well {
            true => store.end_turn(session_id, owner, self.turn_ms).await,
            false => store.give_lease_back(session_id, owner).await,
        };
        if let Err(error) = given_back {
            tracing::warn!(session.id = self.session_id, error = %error, "the broadcast's lease ends by itself");
        }
        (self.news, self.cursor.seq)
    }

    /// Reads what follows the cursor, and the number that is missing after it. A number that stays missing is settled as void.
    async fn numbers_that_are_ready(&mut self) -> Result<(Vec<LogEntry>, Option<u64>), ChatError> {
        let chat = &self.broadcast.chat;
        let now = chat.clock.now();
        let mut stored = chat.store.entries_after(self.session_id, self.cursor.seq, NUMBERS_AT_ONCE, now).await?;
        if self.news.ended && stored.is_empty() {
            // No number is given any more: what is not stored by now is settled, too.
            let head = chat.store.head(self.session_id, now).await?;
            self.news.settle_up_to = head.map_or(0, |head| head.seq);
        }
        let seqs: Vec<u64> = stored.iter().map(LogEntry::seq).collect();
        let ahead = look_ahead(self.cursor.seq, &seqs, self.news.settle_up_to);
        self.missing = match (ahead.missing, self.missing) {
            (Some(seq), Some((same, since))) if seq == same => Some((seq, since)),
            (Some(seq), _) => Some((seq, Instant::now())),
            (None, _) => None,
        };
        if let Some((seq, since)) = self.missing
            && ahead.ready == 0
            && since.elapsed() >= SENDER_TIMEOUT
        {
            let session = chat.session_with_id(self.session_id).await?;
            if chat.store.void_seq(&session, seq, now).await? {
                tracing::warn!(session.id = self.session_id, message.seq = seq, "a number was settled as void");
            }
            self.missing = None;
            return Box::pin(self.numbers_that_are_ready()).await;
        }
        stored.truncate(ahead.ready.min(self.cursor.flow.at_once(chat.config.posts_per_second)));
        Ok((stored, ahead.missing))
    }

    /// The room, or its size alone if it is large. One that the last flush found large is not read to learn that again: a wrong
    /// size makes one flush of slices that are too large or too small.
    async fn room(&self) -> Result<Subscribers, ChatError> {
        match self.cursor.flow.sockets() {
            sockets if sockets > SLICE => Ok(Subscribers::Estimated(sockets)),
            _ => Ok(self.broadcast.chat.store.list_or_estimate(self.session_id).await?),
        }
    }

    async fn move_cursor(&mut self) -> Result<bool, ChatError> {
        let chat = &self.broadcast.chat;
        let is_ours = chat.store.move_cursor(self.session_id, &self.owner, &self.cursor, chat.clock.now()).await?;
        self.lease_renewed = Instant::now();
        Ok(is_ours)
    }

    /// Renews the lease when a third of it has passed. `false` if it is somebody else's by now.
    async fn keep_lease(&mut self) -> Result<bool, ChatError> {
        if self.lease_renewed.elapsed() < lease() / 3 {
            return Ok(true);
        }
        let chat = &self.broadcast.chat;
        let is_ours = chat.store.take_lease(self.session_id, &self.owner, chat.clock.now()).await?.is_some();
        self.lease_renewed = Instant::now();
        Ok(is_ours)
    }

    /// Does something that may take longer than the lease lasts, and renews it meanwhile. Stops if the lease is lost.
    async fn holding_the_lease<T>(&self, work: impl Future<Output = Result<T, ChatError>>) -> Result<T, ChatError> {
        let mut work = std::pin::pin!(work);
        let mut renewed = self.lease_renewed;
        loop {
            tokio::select! {
                outcome = &mut work => return outcome,
                () = tokio::time::sleep(lease() / 3) => {}
            }
            let chat = &self.broadcast.chat;
            match chat.store.take_lease(self.session_id, &self.owner, chat.clock.now()).await {
                Ok(Some(_)) => renewed = Instant::now(),
                Err(_) if renewed.elapsed() < lease() => {}
                Ok(None) | Err(_) => return Err(ChatError::unavailable("the broadcast's lease was lost")),
            }
        }
    }
}

impl Subscribers {
    fn size(&self) -> usize {
        match self {
            Subscribers::Listed(places) => places.len(),
            Subscribers::Estimated(sockets) => *sockets,
        }
    }
}

fn lease() -> Duration {
    LEASE.unsigned_abs()
}

/// An event that is no message.
fn counter(frame: &ServerFrame<'_>) -> Event {
    Event { json: frame.to_json(), seq: None, about: None }
}

/// An event about an earlier message.
fn about(message_id: MessageId, frame: &ServerFrame<'_>) -> Event {
    Event { about: Some(message_id), ..counter(frame) }
}
