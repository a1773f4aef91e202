//! Posts events to the sockets of one slice: in order for each socket, many sockets at once, none waiting for another.

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
use crate::features::sockets::store::Subscriber;
use crate::platform::metrics::emf::Metric;
use crate::platform::posting::rate_limiter::RateLimiter;
use crate::platform::posting::{MAX_HANDSHAKE_MS, ManagementApi, Payload, Post, PostFailure};

/// How many sockets are posted to at once. A post takes some 10 ms in the cloud, so this is thousands a second; more would only
/// make each take longer where the processor is the limit, until answers are lost.
const CONCURRENT_POSTS: usize = 64;
/// A busy socket gets one more try after about this long before it counts as lagging.
const RETRY_AFTER: Duration = Duration::from_millis(10);
/// A post that has no answer after this long leaves the others' path: it goes on, but the flush does not wait for it.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);

/// A frame with the number of events in it.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) payload: Payload,
    pub(crate) events: usize,
}

/// The same events as frames for both kinds of sockets, encoded once for all.
pub(crate) struct Frames {
    plain: Vec<Frame>,
    batched: Vec<Frame>,
}

impl Frames {
    pub(crate) fn of(events: &[Event]) -> Frames {
        let frame = |text: &str, events| Frame { payload: Payload::new(text), events };
        let plain = events.iter().map(|event| frame(&event.json, 1)).collect();
        let texts: Vec<&str> = events.iter().map(|event| event.json.as_str()).collect();
        let batched = server_frame::pack(&texts).iter().map(|(text, count)| frame(text, *count)).collect();
        Frames { plain, batched }
    }

    pub(crate) fn for_subscriber(&self, subscriber: &Subscriber) -> &[Frame] {
        if subscriber.batch { &self.batched } else { &self.plain }
    }
}

/// Whether a socket may still be in its handshake.
pub(crate) fn is_fresh(subscriber: &Subscriber, now: Timestamp) -> bool {
    now.as_millisecond() - subscriber.connected_ms < MAX_HANDSHAKE_MS
}

/// What became of a delivery.
#[derive(Default)]
pub(crate) struct Delivered {
    pub(crate) report: SliceReport,
    /// Sockets whose post is still under way.
    pub(crate) late: Vec<Late>,
}

/// A socket that has not answered a post.
pub(crate) struct Late {
    pub(crate) subscriber: Subscriber,
    /// Events that it took before.
    pub(crate) taken: usize,
    pub(crate) in_flight: InFlight,
}

/// A post that is under way. The socket may get it at any time, so it is not sent again unless it fails.
pub(crate) struct InFlight {
    pub(crate) post: Post,
    /// Events in it.
    pub(crate) events: usize,
}

impl Broadcast {
    /// Serves one slice of a large room, as `fan-out` does. A post cannot be handed on from there, so one that is under way when
    /// all others are served has as long again to be answered. After that it counts as one whose answer was lost.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the subscribers cannot be read; nothing was posted then.
    pub async fn serve_slice(&self, job: &SliceJob) -> Result<SliceReport, ChatError> {
        let mut subscribers = self.chat.store.subscribers(job.session_id, job.slice).await?;
        subscribers.retain(|subscriber| !job.except.contains(&subscriber.connection_id));
        let limiter = RateLimiter::new(job.posts_per_second);
        let Delivered { mut report, late } = self.deliver(subscribers, &job.events, &limiter).await;
        let by = Instant::now() + ANSWER_TIMEOUT;
        let answers = late.into_iter().map(|mut late| async move { (late.in_flight.post.outcome_by(by).await, late) });
        for (outcome, Late { subscriber, mut taken, in_flight }) in join_all(answers).await {
            if matches!(outcome, Some(Ok(()) | Err(PostFailure::Refused))) {
                taken += in_flight.events;
            }
            report.posted += usize::from(outcome == Some(Ok(())));
            let is_fresh = is_fresh(&subscriber, self.chat.clock.now());
            match outcome {
                Some(Err(PostFailure::Gone)) if !is_fresh => report.gone.push(subscriber),
                _ if taken == job.events.len() => {}
                _ => report.stuck.push(Stuck { subscriber, taken }),
            }
        }
        self.prune_all(job.session_id, &report.gone).await;
        Ok(report)
    }

    /// Posts events to every socket that does not lag; one that lags is reported as stuck before the first.
    pub(crate) async fn deliver(
        &self,
        subscribers: Vec<Subscriber>,
        events: &[Event],
        limiter: &RateLimiter,
    ) -> Delivered {
        let frames = Frames::of(events);
        let frames = &frames;
        let served = futures_util::stream::iter(subscribers).map(|subscriber| async move {
            let served = match subscriber.behind {
                Some(_) => Served { taken: 0, posted: 0, end: ServedEnd::Stuck },
                None => self.serve_subscriber(&subscriber, frames.for_subscriber(&subscriber), limiter).await,
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

    async fn serve_subscriber(&self, subscriber: &Subscriber, frames: &[Frame], limiter: &RateLimiter) -> Served {
        let (mut taken, mut posted) = (0, 0);
        for frame in frames {
            limiter.wait().await;
            match post_with_retry(&self.management_api, subscriber, &frame.payload).await {
                Ok(()) => posted += 1,
                Err(PostError::Late(post)) => {
                    let end = ServedEnd::Late(InFlight { post, events: frame.events });
                    return Served { taken, posted, end };
                }
                Err(PostError::Failed(PostFailure::Gone)) if is_fresh(subscriber, self.chat.clock.now()) => {
                    return Served { taken, posted, end: ServedEnd::Stuck };
                }
                Err(PostError::Failed(PostFailure::Gone)) => return Served { taken, posted, end: ServedEnd::Gone },
                Err(PostError::Failed(PostFailure::Busy)) => return Served { taken, posted, end: ServedEnd::Stuck },
                Err(PostError::Failed(PostFailure::Refused)) => {
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

    /// Takes away the subscribers of dead sockets.
    pub(crate) async fn prune_all(&self, session_id: u64, gone: &[Subscriber]) {
        let prunes = futures_util::stream::iter(gone);
        prunes.for_each_concurrent(CONCURRENT_POSTS, |subscriber| self.prune(session_id, subscriber)).await;
    }

    /// Removes a dead socket from the room. Should that fail, the next post finds it dead again.
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
    /// Events that the socket need not get again.
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

/// Why a socket has not taken a frame.
enum PostError {
    Failed(PostFailure),
    /// It may yet take it.
    Late(Post),
}

async fn post_with_retry(
    management_api: &ManagementApi,
    subscriber: &Subscriber,
    frame: &Payload,
) -> Result<(), PostError> {
    match try_to_post(management_api, subscriber, frame).await {
        Err(PostError::Failed(PostFailure::Busy)) => {
            tokio::time::sleep(RETRY_AFTER.mul_f64(0.5 + rand::random::<f64>())).await;
            try_to_post(management_api, subscriber, frame).await
        }
        outcome => outcome,
    }
}

async fn try_to_post(
    management_api: &ManagementApi,
    subscriber: &Subscriber,
    frame: &Payload,
) -> Result<(), PostError> {
    let mut post = management_api.begin_post(&subscriber.connection_id, frame).map_err(PostError::Failed)?;
    match post.outcome_by(Instant::now() + ANSWER_TIMEOUT).await {
        Some(outcome) => outcome.map_err(PostError::Failed),
        None => Err(PostError::Late(post)),
    }
}
