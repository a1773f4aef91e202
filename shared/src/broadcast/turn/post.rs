//! Posts events to the room: directly if it is small, by slices if it is large. Sockets that do not accept all events lag, and each
//! gets a task of its own.

use futures_util::StreamExt;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::SessionTurn;
use super::report::FlushReport;
use crate::broadcast::catch_up::lagging::Lagging;
use crate::broadcast::delivery::{Delivered, Late};
use crate::broadcast::event::{Event, by_audience};
use crate::broadcast::fan_out::{SliceJob, SliceReport, Stuck};
use crate::broadcast::lease::Interrupted;
use crate::domain::error::ChatError;
use crate::features::sockets::store_subscribers::{SLICE, Slice, Subscriber, Subscribers};

/// Attempts to serve a slice by `fan-out`.
const MAX_SLICE_TRIES: usize = 3;
/// Notes that are written at once.
const CONCURRENT_NOTES: usize = 16;

impl SessionTurn {
    /// Posts events, in order, to their audiences.
    pub(super) async fn post(&mut self, events: &[Event], report: &mut FlushReport) -> Result<(), Interrupted> {
        // The time before the posts, because the quiet time of a socket may begin with its post.
        let last_flush_ms = self.room.now_ms();
        let (mut began, mut complete) = (report.began, self.cursor.seq);
        for events in by_audience(events) {
            let (store, audience) = (&self.room.broadcast.chat.store, &events[0].audience);
            let few = self.lease.hold(audience.subscribers(store, self.room.session_id)).await?;
            let delivered = match few {
                Some(subscribers) => self.deliver(subscribers, events).await?,
                None => {
                    let delivered = self.post_to_room(events, report.traces()).await?;
                    let SliceReport { plain, batched, posted, late, .. } = delivered.report;
                    // A flush that waited for a hanging post does not measure the rate.
                    let measured_posts = if late == 0 { posted } else { 0 };
                    self.cursor.backpressure.learn(plain, batched, measured_posts, began.elapsed());
                    self.cursor.last_flush_ms = last_flush_ms;
                    delivered
                }
            };
            report.add(&delivered.report);
            self.follow_up(events, delivered, complete).await?;
            complete = events.iter().rev().find_map(|event| event.seq).unwrap_or(complete);
            began = Instant::now();
        }
        Ok(())
    }

    /// Posts events to the whole room. The room is read after the entries, so a socket that was accepted before a message was stored
    /// is in it.
    async fn post_to_room(&mut self, events: &[Event], traces: String) -> Result<Delivered, Interrupted> {
        let subscribers = self.subscribers().await?;
        self.seen.room_size = subscribers.count();
        let subscribers = match (subscribers, &self.room.broadcast.fan_out) {
            (Subscribers::Listed(subscribers), _) => subscribers,
            (Subscribers::Estimated(_), None) => {
                let store = &self.room.broadcast.chat.store;
                self.lease.hold(store.subscribers(self.room.session_id, Slice::ALL)).await?
            }
            (Subscribers::Estimated(sockets), Some(_)) => {
                let report = self.serve_slices(sockets, events, traces).await?;
                return Ok(Delivered { report, late: Vec::new() });
            }
        };
        self.deliver(subscribers, events).await
    }

    /// The sockets of the room, or an estimate of their number if it exceeds a slice. If the last flush found a large room, that
    /// number is used without a read: a wrong number costs one flush with slices that are too large or too small.
    pub(super) async fn subscribers(&self) -> Result<Subscribers, Interrupted> {
        match self.cursor.backpressure.sockets() {
            sockets if sockets > SLICE => Ok(Subscribers::Estimated(sockets)),
            _ => Ok(self.room.broadcast.chat.store.list_or_estimate(self.room.session_id).await?),
        }
    }

    /// Posts events to each socket that does not lag. A lagging socket receives them later from its task.
    async fn deliver(&mut self, mut subscribers: Vec<Subscriber>, events: &[Event]) -> Result<Delivered, Interrupted> {
        subscribers.retain(|subscriber| !self.catch_up.append(&subscriber.connection_id, events));
        for subscriber in &mut subscribers {
            if self.catch_up.has_helped(&subscriber.connection_id) {
                // This turn wrote the note itself, and the socket has caught up since its row was read.
                subscriber.lagging_after = None;
            }
        }
        let (broadcast, limiter) = (&self.room.broadcast, &self.room.rate_limiter);
        let delivering = async { Ok::<_, ChatError>(broadcast.deliver(subscribers, events, limiter).await) };
        self.lease.hold(delivering).await
    }

    /// Serves all slices of a large room at once by `fan-out`, and waits for all: a slow slice makes the next flush larger, but queues
    /// nothing.
    async fn serve_slices(
        &mut self,
        sockets: usize,
        events: &[Event],
        traces: String,
    ) -> Result<SliceReport, Interrupted> {
        let Some(fan_out) = &self.room.broadcast.fan_out else { return Ok(SliceReport::default()) };
        let slices = Slice::cut(sockets.div_ceil(SLICE) as u32);
        let posts_per_second = self.room.broadcast.chat.config.sockets.posts_per_second;
        let share = posts_per_second.map(|posts| (posts / slices.len() as u32).max(1));
        let mut except = self.catch_up.connection_ids();
        except.retain(|connection_id| self.catch_up.append(connection_id, events));
        let jobs = slices.into_iter().map(|slice| SliceJob {
            session_id: self.room.session_id,
            slice,
            events: events.to_vec(),
            except: except.clone(),
            posts_per_second: share,
            traces: traces.clone(),
        });
        let serve = |job: SliceJob| async move {
            let mut tries = 1;
            loop {
                match fan_out.serve(&job).await {
                    Err(error) if tries < MAX_SLICE_TRIES => {
                        tracing::warn!(session.id = job.session_id, slice.first = job.slice.first, error = %error, "a slice is served again");
                        tries += 1;
                    }
                    outcome => return outcome,
                }
            }
        };
        let serving = join_all(jobs.map(serve));
        let reports = self.lease.hold(async { Ok::<_, ChatError>(serving.await) }).await?;
        let mut total = SliceReport::default();
        for report in reports {
            total.add(report?);
        }
        Ok(total)
    }

    /// Removes dead sockets from the room, and starts the tasks of those that did not accept all events. Before these, the room had
    /// received every message up to `before`.
    async fn follow_up(&mut self, events: &[Event], delivered: Delivered, before: u64) -> Result<(), Interrupted> {
        let Delivered { report, late } = delivered;
        let room = &self.room;
        let stuck = report.stuck.into_iter().map(|Stuck { subscriber, taken }| (subscriber, taken, None));
        let late = late.into_iter().map(|Late { subscriber, taken, in_flight }| (subscriber, taken, Some(in_flight)));
        let lagging = stuck.chain(late).map(|(subscriber, taken, in_flight)| async move {
            let complete = events[..taken].iter().rev().find_map(|event| event.seq).unwrap_or(before);
            let lagging = Lagging::note(room, subscriber, complete, &events[taken..], before).await;
            Lagging { in_flight, ..lagging }
        });
        let noting = futures_util::stream::iter(lagging).buffer_unordered(CONCURRENT_NOTES).collect::<Vec<_>>();
        let pruning = room.broadcast.prune_all(room.session_id, &report.gone);
        let both = async { Ok::<_, ChatError>(tokio::join!(noting, pruning)) };
        let (lagging, ()) = self.lease.hold(both).await?;
        lagging.into_iter().for_each(|lagging| self.catch_up.begin(lagging));
        Ok(())
    }

    /// Starts the tasks of all sockets that an earlier turn noted as lagging, without waiting for the next event.
    pub(super) async fn help_lagging(&mut self) -> Result<(), Interrupted> {
        if !std::mem::take(&mut self.pending.wake_up.lagging) {
            return Ok(());
        }
        let (room, complete) = (&self.room, self.cursor.seq);
        let subscribers = room.broadcast.chat.store.subscribers(room.session_id, Slice::ALL).await?;
        for subscriber in subscribers.into_iter().filter(|subscriber| subscriber.is_lagging()) {
            let lagging = Lagging::note(room, subscriber, complete, &[], complete).await;
            self.catch_up.begin(lagging);
        }
        Ok(())
    }
}
