//! A shift posts events to the room: itself to a small one, by slices to a large one, and sets aside who cannot take them now.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::broadcast::catch_up::{Missed, SetAside, note_behind};
use crate::broadcast::delivery::{Delivered, Late};
use crate::broadcast::fan_out::{Event, SliceJob, SliceReport, Stuck};
use crate::broadcast::shift::Shift;
use crate::domain::error::ChatError;
use crate::features::messages::store::LogEntry;
use crate::features::sockets::store::{SLICE, Slice, Subscriber, Subscribers};

/// How often a slice whose `fan-out` failed is served again.
const TRIES_FOR_SLICE: usize = 3;
/// Rows that are read or noted at once.
pub(crate) const ROWS_AT_ONCE: usize = 16;

impl Shift {
    /// Posts events to everybody, and notes how far that brings the cursor. Reading them began at `began`.
    pub(crate) async fn tell(
        &mut self,
        numbers: &[LogEntry],
        events: &[Event],
        began: Instant,
    ) -> Result<(), ChatError> {
        if !events.is_empty() {
            // Taken before the posts: who hears them may count the quiet time from then on.
            let heard_ms = self.broadcast.chat.clock.now().as_millisecond();
            let Delivered { report, late } = self.post_to_room(events).await?;
            // A flush that waited for a post that hangs says nothing about the rate.
            let telling_posts = if report.late == 0 { report.posted } else { 0 };
            self.cursor.flow.learn(report.plain, report.batched, telling_posts, began.elapsed());
            self.flush.note(&report);
            let aside = self.follow_up(events, report, late).await?;
            aside.into_iter().for_each(|aside| self.set_aside(aside));
            self.cursor.heard_ms = heard_ms;
        }
        if let Some(last) = numbers.last() {
            self.cursor.seq = last.seq();
        }
        self.move_window(numbers.len()).await
    }

    /// Lets senders be ahead as far as the room can bear it. Most rooms need no such window, and it is moved only when a good
    /// part of it has passed.
    async fn move_window(&mut self, waiting: usize) -> Result<(), ChatError> {
        let wanted = self
            .cursor
            .flow
            .window(self.broadcast.chat.config.posts_per_second, waiting)
            .map(|window| (window, self.cursor.seq + window));
        let admit = match (self.cursor.admitted, wanted) {
            (None, None) => return Ok(()),
            (Some(admitted), Some((window, up_to))) if up_to.abs_diff(admitted) <= window / 4 => return Ok(()),
            (_, wanted) => wanted.map(|(_, up_to)| up_to),
        };
        self.broadcast.chat.store.admit_up_to(self.session_id, admit).await?;
        self.cursor.admitted = admit;
        Ok(())
    }

    /// Sets aside every socket that is noted as behind, so that it catches up without waiting for the next event.
    pub(crate) async fn help_those_behind(&mut self) -> Result<(), ChatError> {
        let places = self.broadcast.chat.store.subscribers(self.session_id, Slice::ALL).await?;
        let complete = self.cursor.seq;
        for place in places.into_iter().filter(|place| place.behind.is_some()) {
            let aside = self.what_it_misses(place, complete, &[], complete).await;
            self.set_aside(aside);
        }
        Ok(())
    }

    /// Takes away the places of the dead, and finds what those who are stuck or late still have to get.
    async fn follow_up(
        &self,
        events: &[Event],
        report: SliceReport,
        late: Vec<Late>,
    ) -> Result<Vec<SetAside>, ChatError> {
        let before = self.cursor.seq;
        let stuck = report.stuck.into_iter().map(|Stuck { place, taken }| (place, taken, None));
        let late = late.into_iter().map(|Late { place, taken, under_way }| (place, taken, Some(under_way)));
        let aside = stuck.chain(late).map(|(place, taken, under_way)| async move {
            let complete = events[..taken].iter().rev().find_map(|event| event.seq).unwrap_or(before);
            let aside = self.what_it_misses(place, complete, &events[taken..], before).await;
            SetAside { under_way, ..aside }
        });
        let aside = futures_util::stream::iter(aside).buffer_unordered(ROWS_AT_ONCE).collect::<Vec<_>>();
        self.holding_the_lease(async {
            let (aside, ()) = tokio::join!(aside, self.broadcast.prune_all(self.session_id, &report.gone));
            Ok(aside)
        })
        .await
    }

    /// The room is read after the numbers: who was accepted before a message was stored is in it.
    async fn post_to_room(&mut self, events: &[Event]) -> Result<Delivered, ChatError> {
        let room = self.room().await?;
        self.room_size = room.size();
        let broadcast = &self.broadcast;
        let posting = async {
            let places = match (room, &broadcast.fan_out) {
                (Subscribers::Listed(places), _) => places,
                (Subscribers::Estimated(_), None) => {
                    broadcast.chat.store.subscribers(self.session_id, Slice::ALL).await?
                }
                (Subscribers::Estimated(sockets), Some(_)) => {
                    let report = self.serve_slices(sockets, events).await?;
                    return Ok(Delivered { report, late: Vec::new() });
                }
            };
            Ok(broadcast.deliver(self.places_to_serve(places, events), events, &self.pace).await)
        };
        self.holding_the_lease(posting).await
    }

    /// Leaves out the sockets that are catching up: they get the events in their turn.
    fn places_to_serve(&self, mut places: Vec<Subscriber>, events: &[Event]) -> Vec<Subscriber> {
        places.retain(|place| !self.catch_up.append(&place.connection_id, events));
        for place in &mut places {
            if self.set_aside.contains(&place.connection_id) {
                // The note is this shift's own, and the socket has caught up since the place was read.
                place.behind = None;
            }
        }
        places
    }

    /// Has every slice of a large room served at once, and waits for all: that makes the next flush larger, not the queue longer.
    async fn serve_slices(&self, sockets: usize, events: &[Event]) -> Result<SliceReport, ChatError> {
        let Some(fan_out) = &self.broadcast.fan_out else { return Ok(SliceReport::default()) };
        let slices = Slice::cut(sockets.div_ceil(SLICE) as u32);
        let share = self.broadcast.chat.config.posts_per_second.map(|posts| (posts / slices.len() as u32).max(1));
        let mut except = self.catch_up.connection_ids();
        except.retain(|connection_id| self.catch_up.append(connection_id, events));
        let jobs = slices.into_iter().map(|slice| SliceJob {
            session_id: self.session_id,
            slice,
            events: events.to_vec(),
            except: except.clone(),
            posts_per_second: share,
            traces: self.flush.traces(),
        });
        let serve = |job: SliceJob| async move {
            let mut tries = 1;
            loop {
                match fan_out.serve(&job).await {
                    Err(error) if tries < TRIES_FOR_SLICE => {
                        tracing::warn!(session.id = job.session_id, slice.first = job.slice.first, error = %error, "a slice is served again");
                        tries += 1;
                    }
                    outcome => return outcome,
                }
            }
        };
        let mut total = SliceReport::default();
        for report in join_all(jobs.map(serve)).await {
            let report = report?;
            total.posted += report.posted;
            total.plain += report.plain;
            total.batched += report.batched;
            total.late += report.late;
            total.stuck.extend(report.stuck);
        }
        Ok(total)
    }

    /// Lets a socket catch up by itself.
    fn set_aside(&mut self, aside: SetAside) {
        self.set_aside.insert(aside.place.connection_id.clone());
        self.catch_up.begin(&self.broadcast, self.session_id, aside);
    }

    /// What a socket has to get that has every message up to `complete` and none of `events`; `before` is the cursor before
    /// them. That it is behind is noted in its place.
    async fn what_it_misses(&self, place: Subscriber, complete: u64, events: &[Event], before: u64) -> SetAside {
        let complete = place.behind.unwrap_or(complete);
        // An earlier note: whoever wrote it did not get to the end.
        let missed = place.behind.map(|after| Missed { after, up_to: before });
        if missed.is_none() {
            let now_ms = self.broadcast.chat.clock.now().as_millisecond();
            note_behind(&self.broadcast, self.session_id, &place, complete, now_ms, &BTreeSet::new()).await;
        }
        SetAside { complete, missed, events: events.to_vec(), place, under_way: None }
    }
}
