//! Posts events to the sockets of one slice: in order for each socket, many sockets at once, none waiting for another.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::broadcast::Broadcast;
use crate::broadcast::fan_out::{Event, SliceJob, SliceReport, Stuck};
use crate::domain::error::ChatError;
use crate::domain::wire::server_frame;
use crate::features::sockets::store::Subscriber;
use crate::platform::metrics::emf::Metric;
use crate::platform::posting::rate_limiter::RateLimiter;
use crate::platform::posting::{MAX_HANDSHAKE_MS, Payload, Post, PostFailure, Sockets};

/// How many sockets are posted to at once. A post takes some 10 ms in the cloud, so this is thousands a second; more would only
/// make each take longer where the processor is the limit, until answers are lost.
const AT_ONCE: usize = 64;
/// A busy socket gets one more try after about this long before it is set aside.
const SECOND_TRY: Duration = Duration::from_millis(10);
/// A post that has no answer after this long leaves the others' path: it goes on, but nobody waits for it.
const ON_THE_PATH: Duration = Duration::from_millis(500);

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

    pub(crate) fn for_place(&self, place: &Subscriber) -> &[Frame] {
        if place.batch { &self.batched } else { &self.plain }
    }
}

/// Whether a socket may still be in its handshake.
pub(crate) fn is_fresh(place: &Subscriber, now: Timestamp) -> bool {
    now.as_millisecond() - place.connected_ms < MAX_HANDSHAKE_MS
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
    pub(crate) place: Subscriber,
    /// Events that it took before.
    pub(crate) taken: usize,
    pub(crate) under_way: UnderWay,
}

/// A post that is under way. The socket may get it at any time, so it is not sent again unless it fails.
pub(crate) struct UnderWay {
    pub(crate) post: Post,
    /// Events in it.
    pub(crate) events: usize,
}

impl Broadcast {
    /// Serves one slice of a large room, as `fan-out` does. A post cannot be handed on from there, so one that is under way when
    /// all others are served has as long again to be answered. After that it counts as one whose answer was lost.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the places cannot be read; nothing was posted then.
    pub async fn serve_slice(&self, job: &SliceJob) -> Result<SliceReport, ChatError> {
        let mut places = self.chat.store.subscribers(job.session_id, job.slice).await?;
        places.retain(|place| !job.except.contains(&place.connection_id));
        let pace = RateLimiter::new(job.posts_per_second);
        let Delivered { mut report, late } = self.deliver(places, &job.events, &pace).await;
        let by = Instant::now() + ON_THE_PATH;
        let answers = late.into_iter().map(|mut late| async move { (late.under_way.post.outcome_by(by).await, late) });
        for (outcome, Late { place, mut taken, under_way }) in join_all(answers).await {
            if matches!(outcome, Some(Ok(()) | Err(PostFailure::Refused))) {
                taken += under_way.events;
            }
            report.posted += usize::from(outcome == Some(Ok(())));
            let is_fresh = is_fresh(&place, self.chat.clock.now());
            match outcome {
                Some(Err(PostFailure::Gone)) if !is_fresh => report.gone.push(place),
                _ if taken == job.events.len() => {}
                _ => report.stuck.push(Stuck { place, taken }),
            }
        }
        self.prune_all(job.session_id, &report.gone).await;
        Ok(report)
    }

    /// Posts events to every place that is not behind; one that is behind is reported as stuck before the first.
    pub(crate) async fn deliver(&self, places: Vec<Subscriber>, events: &[Event], pace: &RateLimiter) -> Delivered {
        let frames = Frames::of(events);
        let frames = &frames;
        let served = futures_util::stream::iter(places).map(|place| async move {
            let served = match place.behind {
                Some(_) => Served { taken: 0, posted: 0, end: ServedEnd::Stuck },
                None => self.serve_place(&place, frames.for_place(&place), pace).await,
            };
            (place, served)
        });
        let mut served = served.buffer_unordered(AT_ONCE);
        let mut delivered = Delivered::default();
        while let Some((place, Served { taken, posted, end })) = served.next().await {
            let report = &mut delivered.report;
            report.posted += posted;
            *(if place.batch { &mut report.batched } else { &mut report.plain }) += 1;
            match end {
                ServedEnd::Complete => {}
                ServedEnd::Gone => report.gone.push(place),
                ServedEnd::Stuck => report.stuck.push(Stuck { place, taken }),
                ServedEnd::Late(under_way) => {
                    report.late += 1;
                    delivered.late.push(Late { place, taken, under_way });
                }
            }
        }
        delivered
    }

    async fn serve_place(&self, place: &Subscriber, frames: &[Frame], pace: &RateLimiter) -> Served {
        let (mut taken, mut posted) = (0, 0);
        for frame in frames {
            pace.wait().await;
            match post_with_second_try(&self.sockets, place, &frame.payload).await {
                Ok(()) => posted += 1,
                Err(NotTaken::Late(post)) => {
                    let end = ServedEnd::Late(UnderWay { post, events: frame.events });
                    return Served { taken, posted, end };
                }
                Err(NotTaken::Failed(PostFailure::Gone)) if is_fresh(place, self.chat.clock.now()) => {
                    return Served { taken, posted, end: ServedEnd::Stuck };
                }
                Err(NotTaken::Failed(PostFailure::Gone)) => return Served { taken, posted, end: ServedEnd::Gone },
                Err(NotTaken::Failed(PostFailure::Busy)) => return Served { taken, posted, end: ServedEnd::Stuck },
                Err(NotTaken::Failed(PostFailure::Refused)) => {
                    tracing::error!(
                        connection.id = place.connection_id,
                        frame.bytes = frame.payload.size(),
                        "a post was refused"
                    );
                }
            }
            taken += frame.events;
        }
        Served { taken, posted, end: ServedEnd::Complete }
    }

    /// Takes away the places of dead sockets.
    pub(crate) async fn prune_all(&self, session_id: u64, gone: &[Subscriber]) {
        let prunes = futures_util::stream::iter(gone);
        prunes.for_each_concurrent(AT_ONCE, |place| self.prune(session_id, place)).await;
    }

    /// Takes away the place of a dead socket. Should that fail, the next post finds it dead again.
    pub(crate) async fn prune(&self, session_id: u64, place: &Subscriber) {
        match self.chat.store.prune_subscriber(session_id, place).await {
            Ok(()) => self.chat.meter.add(Metric::DeadSockets, 1),
            Err(error) => {
                tracing::warn!(connection.id = place.connection_id, error = %error, "a dead socket keeps its place for now");
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
    Late(UnderWay),
}

/// Why a socket has not taken a frame.
enum NotTaken {
    Failed(PostFailure),
    /// It may yet take it.
    Late(Post),
}

async fn post_with_second_try(sockets: &Sockets, place: &Subscriber, frame: &Payload) -> Result<(), NotTaken> {
    match post_on_the_path(sockets, place, frame).await {
        Err(NotTaken::Failed(PostFailure::Busy)) => {
            tokio::time::sleep(SECOND_TRY.mul_f64(0.5 + rand::random::<f64>())).await;
            post_on_the_path(sockets, place, frame).await
        }
        outcome => outcome,
    }
}

async fn post_on_the_path(sockets: &Sockets, place: &Subscriber, frame: &Payload) -> Result<(), NotTaken> {
    let mut post = sockets.begin_post(&place.connection_id, frame).map_err(NotTaken::Failed)?;
    match post.outcome_by(Instant::now() + ON_THE_PATH).await {
        Some(outcome) => outcome.map_err(NotTaken::Failed),
        None => Err(NotTaken::Late(post)),
    }
}
