//! Posts events to the sockets of one slice: in order for each socket, many sockets at once, none waiting for another.

use std::time::Duration;

use futures_util::StreamExt;
use jiff::Timestamp;

use super::Broadcast;
use crate::adapters::fan_out::{Event, SliceJob, SliceReport, Stuck};
use crate::adapters::sockets::{Payload, PostFailure, Sockets};
use crate::adapters::store::room::Place;
use crate::rules::emf::Metric;
use crate::rules::error::ChatError;
use crate::rules::event;
use crate::use_cases::pace::Pace;

/// How many sockets are posted to at once. A post takes some 10 ms in the cloud, so this is thousands a second; more would only
/// make each take longer where the processor is the limit, until answers are lost.
const AT_ONCE: usize = 64;
/// A busy socket gets one more try after about this long before it is set aside.
const SECOND_TRY: Duration = Duration::from_millis(10);
/// A handshake may take this long: until then, 410 does not mean that a socket is dead.
const LONGEST_HANDSHAKE_MS: i64 = 30_000;

/// A frame with the number of events in it.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) payload: Payload,
    pub(super) events: usize,
}

/// The same events as frames for both kinds of sockets, encoded once for all.
pub(super) struct Frames {
    plain: Vec<Frame>,
    batched: Vec<Frame>,
}

impl Frames {
    pub(super) fn of(events: &[Event]) -> Frames {
        let frame = |text: &str, events| Frame { payload: Payload::new(text), events };
        let plain = events.iter().map(|event| frame(&event.json, 1)).collect();
        let texts: Vec<&str> = events.iter().map(|event| event.json.as_str()).collect();
        let batched = event::pack(&texts).iter().map(|(text, count)| frame(text, *count)).collect();
        Frames { plain, batched }
    }

    pub(super) fn for_place(&self, place: &Place) -> &[Frame] {
        if place.batch { &self.batched } else { &self.plain }
    }
}

/// Whether a socket may still be in its handshake.
pub(super) fn is_fresh(place: &Place, now: Timestamp) -> bool {
    now.as_millisecond() - place.connected_ms < LONGEST_HANDSHAKE_MS
}

impl Broadcast {
    /// Serves one slice of a large room, as `fan-out` does.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the places cannot be read; nothing was posted then.
    pub async fn serve_slice(&self, job: &SliceJob) -> Result<SliceReport, ChatError> {
        let mut places = self.chat.store.places(job.session_id, job.slice).await?;
        places.retain(|place| !job.except.contains(&place.connection_id));
        let pace = Pace::new(job.posts_per_second);
        let report = self.deliver(places, &job.events, &pace).await;
        for connection_id in &report.gone {
            self.prune(job.session_id, connection_id).await;
        }
        Ok(report)
    }

    /// Posts events to every place that is not behind; one that is behind is reported as stuck before the first.
    pub(super) async fn deliver(&self, places: Vec<Place>, events: &[Event], pace: &Pace) -> SliceReport {
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
        let mut report = SliceReport::default();
        while let Some((place, served)) = served.next().await {
            report.posted += served.posted;
            *(if place.batch { &mut report.batched } else { &mut report.plain }) += 1;
            match served.end {
                ServedEnd::Complete => {}
                ServedEnd::Gone => report.gone.push(place.connection_id),
                ServedEnd::Stuck => report.stuck.push(Stuck { place, taken: served.taken }),
            }
        }
        report
    }

    async fn serve_place(&self, place: &Place, frames: &[Frame], pace: &Pace) -> Served {
        let (mut taken, mut posted) = (0, 0);
        for frame in frames {
            pace.wait().await;
            match post_with_second_try(&self.sockets, place, &frame.payload).await {
                Ok(()) => posted += 1,
                Err(PostFailure::Gone) if is_fresh(place, self.chat.clock.now()) => {
                    return Served { taken, posted, end: ServedEnd::Stuck };
                }
                Err(PostFailure::Gone) => return Served { taken, posted, end: ServedEnd::Gone },
                Err(PostFailure::Busy) => return Served { taken, posted, end: ServedEnd::Stuck },
                Err(PostFailure::Refused) => {
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

    /// Takes away the place of a dead socket. Should that fail, the next post finds it dead again.
    pub(super) async fn prune(&self, session_id: u64, connection_id: &str) {
        match self.chat.store.prune_place(session_id, connection_id).await {
            Ok(()) => self.chat.meter.add(Metric::DeadSockets, 1),
            Err(error) => {
                tracing::warn!(connection.id = connection_id, error = %error, "a dead socket keeps its place for now");
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
}

async fn post_with_second_try(sockets: &Sockets, place: &Place, frame: &Payload) -> Result<(), PostFailure> {
    match sockets.post(&place.connection_id, frame).await {
        Err(PostFailure::Busy) => {
            tokio::time::sleep(SECOND_TRY.mul_f64(0.5 + rand::random::<f64>())).await;
            sockets.post(&place.connection_id, frame).await
        }
        outcome => outcome,
    }
}
