//! Posts events to the sockets of a slice: to each socket in order, to many at once, and no socket waits for another.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::broadcast::context::Broadcast;
use crate::broadcast::event::Event;
use crate::broadcast::fan_out::{SliceJob, SliceReport, Stuck};
use crate::domain::error::ChatError;
use crate::domain::wire::server_frame;
use crate::features::sockets::store_subscribers::Subscriber;
use crate::platform::metrics::emf::Metric;
use crate::platform::posting::rate_limiter::RateLimiter;
use crate::platform::posting::{MAX_HANDSHAKE_MS, ManagementApi, Payload, Post, PostFailure};

/// Sockets that are posted to at once. A post takes about 10 ms in the cloud, so this makes thousands a second. If the processor is
/// the limit, more would only slow down each post, until posts time out.
const CONCURRENT_POSTS: usize = 64;
/// The pause before the second try of a post to a busy socket, with jitter. After that the socket lags.
const RETRY_AFTER: Duration = Duration::from_millis(10);
/// The flush does not wait longer for a post. The post itself goes on.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);

/// A frame that is ready to be posted.
#[derive(Clone, Debug)]
pub(crate) struct EncodedFrame {
    pub(crate) payload: Payload,
    /// The number of events in it.
    pub(crate) events: usize,
}

/// Events as frames for both kinds of sockets, encoded once for all sockets.
pub(crate) struct EncodedEvents {
    plain: Vec<EncodedFrame>,
    batched: Vec<EncodedFrame>,
}

impl EncodedEvents {
    pub(crate) fn of(events: &[Event]) -> EncodedEvents {
        let frame = |text: &str, events| EncodedFrame { payload: Payload::new(text), events };
        let plain = events.iter().map(|event| frame(&event.json, 1)).collect();
        let texts: Vec<&str> = events.iter().map(|event| event.json.as_str()).collect();
        let batched = server_frame::pack(&texts).iter().map(|(text, count)| frame(text, *count)).collect();
        EncodedEvents { plain, batched }
    }

    pub(crate) fn for_subscriber(&self, subscriber: &Subscriber) -> &[EncodedFrame] {
        if subscriber.batch { &self.batched } else { &self.plain }
    }
}

/// Whether the handshake of a socket may still be under way.
pub(crate) fn is_fresh(subscriber: &Subscriber, now: Timestamp) -> bool {
    now.as_millisecond() - subscriber.connected_ms < MAX_HANDSHAKE_MS
}

/// The outcome of a delivery.
#[derive(Default)]
pub(crate) struct Delivered {
    pub(crate) report: SliceReport,
    /// Sockets with a post that is still under way.
    pub(crate) late: Vec<Late>,
}

/// A socket whose post has no response yet.
pub(crate) struct Late {
    pub(crate) subscriber: Subscriber,
    /// Events that it accepted before.
    pub(crate) taken: usize,
    pub(crate) in_flight: InFlight,
}

/// A post that is under way. It may arrive at any time, so its frame is posted again only if it fails.
pub(crate) struct InFlight {
    pub(crate) post: Post,
    /// The number of events in its frame.
    pub(crate) events: usize,
}

impl Broadcast {
    /// Serves one slice of a large room: the work of `fan-out`. A post cannot be handed on from there, so it is awaited to its
    /// end, for at most the 3 seconds of any post (docs/decisions/011-posts-of-fan-out.md). After that its response counts as lost.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the subscribers cannot be read. Nothing was posted then.
    pub async fn serve_slice(&self, job: &SliceJob) -> Result<SliceReport, ChatError> {
        let mut subscribers = self.chat.store.subscribers(job.session_id, job.slice).await?;
        subscribers.retain(|subscriber| !job.except.contains(&subscriber.connection_id));
        let limiter = RateLimiter::new(job.posts_per_second, self.management_api.pace());
        let Delivered { mut report, late } = self.deliver(subscribers, &job.events, &limiter).await;
        let outcomes = late.into_iter().map(|Late { subscriber, taken, in_flight }| async move {
            let outcome = in_flight.post.outcome().await;
            let taken_now = if matches!(outcome, Ok(()) | Err(PostFailure::Refused)) { in_flight.events } else { 0 };
            (outcome, subscriber, taken + taken_now)
        });
        for (outcome, subscriber, taken) in join_all(outcomes).await {
            report.posted += usize::from(outcome == Ok(()));
            let is_fresh = is_fresh(&subscriber, self.chat.clock.now());
            match outcome {
                Err(PostFailure::Gone) if !is_fresh => report.gone.push(subscriber),
                _ if taken == job.events.len() => {}
                _ => report.stuck.push(Stuck { subscriber, taken }),
            }
        }
        self.prune_all(job.session_id, &report.gone).await;
        self.measure_pace();
        Ok(report)
    }

    /// Posts events to every socket that does not lag. A lagging socket is reported as stuck before the first event.
    pub(crate) async fn deliver(
        &self,
        subscribers: Vec<Subscriber>,
        events: &[Event],
        limiter: &RateLimiter,
    ) -> Delivered {
        let encoded = &EncodedEvents::of(events);
        let served = futures_util::stream::iter(subscribers).map(|subscriber| async move {
            let served = match subscriber.is_lagging() {
                true => Served { taken: 0, posted: 0, end: ServedEnd::Stuck },
                false => self.serve_subscriber(&subscriber, encoded.for_subscriber(&subscriber), limiter).await,
            };
            (subscriber, served)
        });
        let mut served = served.buffer_unordered(CONCURRENT_POSTS);
        let mut delivered = Delivered::default();
        while let Some((subscriber, Served { taken, posted, end })) = served.next().await {
            let report = &mut delivered.report;
            report.posted += posted;
            *(if subscriber.batch { &mut report.batched } else { &mut report.plain }) += 1;
            match end {
                ServedEnd::Complete => {}
                ServedEnd::Gone => report.gone.push(subscriber),
                ServedEnd::Stuck => report.stuck.push(Stuck { subscriber, taken }),
                ServedEnd::Late(in_flight) => {
                    report.late += 1;
                    delivered.late.push(Late { subscriber, taken, in_flight });
                }
            }
        }
        delivered
    }

    async fn serve_subscriber(
        &self,
        subscriber: &Subscriber,
        frames: &[EncodedFrame],
        limiter: &RateLimiter,
    ) -> Served {
        let (mut taken, mut posted) = (0, 0);
        for frame in frames {
            limiter.wait().await;
            match post_with_retry(&self.management_api, subscriber, &frame.payload).await {
                Ok(()) => posted += 1,
                Err(NotTaken::Late(post)) => {
                    let end = ServedEnd::Late(InFlight { post, events: frame.events });
                    return Served { taken, posted, end };
                }
                Err(NotTaken::Failed(PostFailure::Gone)) if is_fresh(subscriber, self.chat.clock.now()) => {
                    return Served { taken, posted, end: ServedEnd::Stuck };
                }
                Err(NotTaken::Failed(PostFailure::Gone)) => return Served { taken, posted, end: ServedEnd::Gone },
                Err(NotTaken::Failed(PostFailure::Busy)) => return Served { taken, posted, end: ServedEnd::Stuck },
                Err(NotTaken::Failed(PostFailure::Refused)) => {
                    tracing::error!(
                        connection.id = subscriber.connection_id,
                        frame.bytes = frame.payload.size(),
                        "a post was refused"
                    );
                }
            }
            taken += frame.events;
        }
        Served { taken, posted, end: ServedEnd::Complete }
    }

    /// Adds the present pace to the metrics while it is lowered.
    pub(crate) fn measure_pace(&self) {
        if let Some(limit) = self.management_api.pace().limit(Instant::now()) {
            self.chat.meter.sample(Metric::LoweredPostingRate, limit as u64);
        }
    }

    /// Removes dead sockets from the room.
    pub(crate) async fn prune_all(&self, session_id: u64, gone: &[Subscriber]) {
        let prunes = futures_util::stream::iter(gone);
        prunes.for_each_concurrent(CONCURRENT_POSTS, |subscriber| self.prune(session_id, subscriber)).await;
    }

    /// Removes a dead socket from the room. If that fails, the next post finds it dead again.
    pub(crate) async fn prune(&self, session_id: u64, subscriber: &Subscriber) {
        match self.chat.store.prune_subscriber(session_id, subscriber).await {
            Ok(()) => self.chat.meter.add(Metric::DeadSockets, 1),
            Err(error) => {
                tracing::warn!(connection.id = subscriber.connection_id, error = %error, "a dead socket stays in the room for now");
            }
        }
    }
}

struct Served {
    /// Events that the socket need not receive again.
    taken: usize,
    posted: usize,
    end: ServedEnd,
}

enum ServedEnd {
    Complete,
    Stuck,
    Gone,
    Late(InFlight),
}

/// A frame that a socket has not accepted.
enum NotTaken {
    Failed(PostFailure),
    /// The post is still under way.
    Late(Post),
}

async fn post_with_retry(
    management_api: &ManagementApi,
    subscriber: &Subscriber,
    frame: &Payload,
) -> Result<(), NotTaken> {
    match try_to_post(management_api, subscriber, frame).await {
        Err(NotTaken::Failed(PostFailure::Busy)) => {
            tokio::time::sleep(RETRY_AFTER.mul_f64(0.5 + rand::random::<f64>())).await;
            try_to_post(management_api, subscriber, frame).await
        }
        outcome => outcome,
    }
}

async fn try_to_post(management_api: &ManagementApi, subscriber: &Subscriber, frame: &Payload) -> Result<(), NotTaken> {
    let mut post = management_api.begin_post(&subscriber.connection_id, frame).map_err(NotTaken::Failed)?;
    match post.outcome_by(Instant::now() + RESPONSE_TIMEOUT).await {
        Some(outcome) => outcome.map_err(NotTaken::Failed),
        None => Err(NotTaken::Late(post)),
    }
}
