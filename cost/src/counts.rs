//! The quantities that AWS meters of an event: arithmetic, without prices.

use std::collections::BTreeMap;

use crate::event::Event;
use crate::units::{self, Units};

/// API Gateway meters so many bytes as one message.
const METERED_BYTES: f64 = 32.0 * 1024.0;
/// The arrival is summed up in so many steps.
const STEPS: u32 = 2_000;
/// A `fan-out` or `broadcast` runs so long besides its posts.
const FLUSH_SECONDS: f64 = 0.03;
/// One of them posts to so many sockets a second: 64 at a time, 10 ms each.
pub(crate) const POSTS_OF_ONE: f64 = 6_400.0;
/// The line that an invocation leaves in the log, and an access to the HTTP API, in bytes.
pub(crate) const LINE_BYTES: f64 = 900.0;
pub(crate) const ACCESS_LOG_BYTES: f64 = 900.0;
/// An answer over HTTP, and a counter's frame, in bytes.
pub(crate) const ANSWER_BYTES: f64 = 1_500.0;
const COUNTER_BYTES: f64 = 60.0;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Frames to sockets by `@connections`.
    pub posts: f64,
    /// WebSocket messages in both directions, in units of 32 KB.
    pub websocket_messages: f64,
    /// Minutes of all sockets.
    pub connection_minutes: f64,
    /// Requests of the HTTP API.
    pub http_requests: f64,
    /// Invocations by function, named as the binaries are.
    pub invocations: BTreeMap<&'static str, f64>,
    /// Memory times time.
    pub gb_seconds: f64,
    /// DynamoDB's units.
    pub units: Units,
    /// Bytes that stay in the tables after the event.
    pub stored_bytes: f64,
    /// Bytes to viewers.
    pub bytes_out: f64,
    /// Bytes of logs.
    pub log_bytes: f64,
    /// The most posts that are asked for in a second.
    pub peak_posts_per_second: f64,
}

/// The flushes of a counter, and their posts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct CounterFlushes {
    times: f64,
    posts: f64,
}

impl Counts {
    /// Of an event.
    pub fn of(event: &Event) -> Counts {
        let mut counts = Counts::default();
        counts.count_messages(event);
        counts.count_counters(event);
        counts.count_viewers(event);
        counts.count_housekeeping(event);
        let requests: f64 = counts.invocations.values().sum();
        counts.log_bytes = requests * LINE_BYTES + counts.http_requests * ACCESS_LOG_BYTES;
        counts.bytes_out += counts.http_requests * ANSWER_BYTES;
        counts
    }

    fn count_messages(&mut self, event: &Event) {
        let messages = event.messages();
        let over_socket = 1.0 - event.share_over_rest;
        self.invoke("ws-message", messages * over_socket, 0.25 * event.handler_seconds);
        self.call("send-message", messages * event.share_over_rest, event);
        // A frame and its answer.
        self.websocket_messages += messages * over_socket * 2.0;
        let plain = 1.0 - event.share_keyed;
        self.units += units::SAY.times(messages * over_socket * plain);
        self.units += units::SAY_KEYED.times(messages * over_socket * event.share_keyed);
        self.units += units::SEND.times(messages * event.share_over_rest * plain);
        self.units += units::SEND_KEYED.times(messages * event.share_over_rest * event.share_keyed);
        // A message and, if it has one, its key; with the names of their attributes.
        self.stored_bytes += messages * (event.message_bytes + 150.0 * event.share_keyed);

        let flushes = flushes(messages, event.messages_per_second, flush_period(event, event.viewers));
        if flushes == 0.0 {
            return;
        }
        let of_a_flush = messages / flushes;
        let frames = (of_a_flush * event.message_bytes / METERED_BYTES).ceil().max(1.0);
        let (batched, plain) = (event.viewers * event.share_batched, event.viewers * (1.0 - event.share_batched));
        let posts_of_a_flush = batched * frames + plain * of_a_flush;
        self.flush(flushes, event.viewers, posts_of_a_flush);
        self.units += Units { read: (of_a_flush * event.message_bytes / units::READ_BYTES).ceil() - 1.0, write: 0.0 }
            .times(flushes);
        self.bytes_out += messages * event.message_bytes * event.viewers;
        self.peak_posts_per_second = flushes * posts_of_a_flush / event.seconds;
    }

    /// Likes and the number of viewers: flushed at most once in an interval that grows with the room (docs/contract.md, Counters).
    fn count_counters(&mut self, event: &Event) {
        let viewers = event.viewers;
        let (likes, message_likes) = (viewers * event.likes_per_viewer, viewers * event.message_likes_per_viewer);
        self.call("like", likes, event);
        self.call("like-message", message_likes, event);
        self.units += units::LIKE.times(likes);
        self.units += units::LIKE_MESSAGE.times(message_likes);
        self.stored_bytes += (likes + 2.0 * message_likes) * 150.0;
        let period = (viewers / 1_000.0).max(0.25).max(viewers / event.posts_per_second);
        let rings = flushes(likes + message_likes, (likes + message_likes) / event.seconds, period);
        let own = flushes(likes, likes / event.seconds, period);
        // A socket that takes batches gets one frame, another one a frame for each message that was liked.
        let posts = viewers * (event.share_batched * rings + (1.0 - event.share_batched) * (own + message_likes));
        self.flush_counter(CounterFlushes { times: rings, posts }, viewers);

        for seconds in [event.arrival_seconds, event.leaving_seconds] {
            self.flush_counter(viewer_count_flushes(event, seconds), viewers / 2.0);
        }
    }

    fn count_viewers(&mut self, event: &Event) {
        let (viewers, minutes) = (event.viewers, event.seconds / 60.0);
        self.connection_minutes =
            viewers * (event.seconds + (event.arrival_seconds + event.leaving_seconds) / 2.0) / 60.0;
        self.invoke("ws-connect", viewers, 0.25 * event.handler_seconds);
        self.invoke("ws-disconnect", viewers, 0.25 * event.handler_seconds);
        self.units += units::CONNECT.times(viewers);
        self.units += units::DISCONNECT.times(viewers);

        let (pings, polls) = (viewers * minutes * event.pings_per_minute, viewers * minutes * event.polls_per_minute);
        self.invoke("ws-message", pings, 0.25 * event.handler_seconds);
        self.websocket_messages += pings * 2.0;
        self.units += units::PING.times(pings);
        let visits = viewers * event.visits_per_viewer;
        self.call("stats", polls, event);
        self.call("status", visits, event);
        self.call("messages", visits, event);
        self.units += units::POLL.times(polls + visits);
        self.units += units::HISTORY.times(visits);
        // A user is seen by the first ping or poll of a minute, and by the first visit.
        let signs = minutes * (event.pings_per_minute + event.polls_per_minute);
        let seen = viewers * signs.min(minutes.max(1.0)) + visits.min(viewers);
        self.units += units::SEEN.times(seen);
    }

    fn count_housekeeping(&mut self, event: &Event) {
        let minutes = (event.seconds / 60.0).floor();
        self.invoke("housekeep", minutes, 0.5 * (0.05 + event.viewers / 50_000.0));
        let bytes = event.viewers * (units::PLACE_BYTES + 2.0 * units::PRESENCE_BYTES);
        self.units += units::HOUSEKEEP.times(minutes);
        self.units += Units { read: bytes / units::READ_BYTES, write: 0.0 }.times(minutes);
    }

    fn flush_counter(&mut self, flushes: CounterFlushes, viewers: f64) {
        if flushes.times > 0.0 {
            self.flush(flushes.times, viewers, flushes.posts / flushes.times);
            self.units += units::COUNTER.times(flushes.times);
            self.bytes_out += flushes.posts * COUNTER_BYTES;
        }
    }

    /// So many flushes to a room, with so many posts each.
    fn flush(&mut self, flushes: f64, viewers: f64, posts: f64) {
        self.posts += flushes * posts;
        self.websocket_messages += flushes * posts;
        self.units += units::FLUSH.times(flushes);
        let places = Units { read: (viewers * units::PLACE_BYTES / units::READ_BYTES).ceil(), write: 0.0 };
        self.units += places.times(flushes);
        if viewers <= units::SLICE {
            return self.invoke("broadcast", flushes, FLUSH_SECONDS + posts / POSTS_OF_ONE);
        }
        // Since the last flush the room is known to be large: slices read their subscribers, and the broadcast waits for them.
        let slices = (viewers / units::SLICE).ceil();
        let serving = FLUSH_SECONDS + posts / slices / POSTS_OF_ONE;
        self.invoke("fan-out", flushes * slices, serving);
        self.invoke("broadcast", flushes, FLUSH_SECONDS + serving);
    }

    fn call(&mut self, function: &'static str, requests: f64, event: &Event) {
        self.http_requests += requests;
        self.invoke(function, requests, 0.25 * event.handler_seconds);
    }

    fn invoke(&mut self, function: &'static str, times: f64, gb_seconds: f64) {
        if times > 0.0 {
            *self.invocations.entry(function).or_default() += times;
            self.gb_seconds += times * gb_seconds;
        }
    }
}

/// How many flushes tell so many changes that come by chance, if there is at most one in a period.
fn flushes(changes: f64, rate: f64, period: f64) -> f64 {
    let of_a_period = rate * period;
    if of_a_period < 1e-6 { changes } else { changes * (1.0 - (-of_a_period).exp()) / of_a_period }
}

fn flush_period(event: &Event, viewers: f64) -> f64 {
    if event.flush_seconds == 0.0 { 0.0 } else { event.flush_seconds.max(viewers / event.posts_per_second) }
}

/// The flushes of the number of viewers while the room fills or empties: at most one in max(1 s, sockets / 500 s), and not before the
/// posts of the time before are done.
fn viewer_count_flushes(event: &Event, seconds: f64) -> CounterFlushes {
    let (step, mut sum) = (seconds / f64::from(STEPS), CounterFlushes::default());
    if seconds == 0.0 {
        return sum;
    }
    let rate = event.viewers / seconds;
    for i in 0..STEPS {
        let viewers = event.viewers * (f64::from(i) + 0.5) / f64::from(STEPS);
        let period = (viewers / 500.0).max(1.0).max(viewers / event.posts_per_second);
        let times = flushes(rate * step, rate, period);
        sum.times += times;
        sum.posts += times * viewers;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            likes_per_viewer: 0.0,
            message_likes_per_viewer: 0.0,
            arrival_seconds: 1.0,
            leaving_seconds: 0.0,
            ..Event::default()
        }
    }

    #[test]
    fn rare_messages_are_a_flush_each_and_busy_ones_share() {
        assert_eq!(flushes(100.0, 1.0, 0.0), 100.0);
        let rare = flushes(100.0, 0.01, 0.25);
        assert!((99.0..100.0).contains(&rare), "{rare}");
        let busy = flushes(72_000.0, 10.0, 0.5);
        assert!((14_250.0..14_400.0).contains(&busy), "at most two a second in two hours: {busy}");
    }

    #[test]
    fn a_plain_socket_gets_every_message_and_a_batched_one_every_flush() {
        let event = Event { messages_per_second: 10.0, flush_seconds: 0.5, ..event() };
        let (batched, plain) = (Counts::of(&event), Counts::of(&event.unbatched()));
        let counters = viewer_count_flushes(&event, 1.0).posts;
        assert!((plain.posts - counters - 1_000.0 * 72_000.0).abs() < 1.0, "{}", plain.posts);
        let flushes = flushes(72_000.0, 10.0, 0.5);
        assert!((batched.posts - counters - 1_000.0 * flushes).abs() < 1.0, "{}", batched.posts);
        assert_eq!(batched.units, plain.units);
    }

    #[test]
    fn a_frame_holds_32_kb() {
        let large = Event { messages_per_second: 200.0, flush_seconds: 1.0, message_bytes: 400.0, ..event() };
        let counters = viewer_count_flushes(&large, 1.0).posts;
        let frames = (Counts::of(&large).posts - counters) / 1_000.0 / 7_200.0;
        assert!((2.99..3.01).contains(&frames), "80,000 bytes a second are three frames: {frames}");
    }

    #[test]
    fn a_large_room_is_told_its_viewers_at_500_posts_a_second() {
        let event = Event { viewers: 10_000.0, arrival_seconds: 600.0, ..event() };
        let posts = viewer_count_flushes(&event, 600.0).posts;
        assert!((0.9 * 300_000.0..300_000.0).contains(&posts), "{posts}");
        let slices = Counts::of(&event).invocations["fan-out"] / Counts::of(&event).invocations["broadcast"];
        assert!((5.0..=10.0).contains(&slices), "a slice for each thousand: {slices}");
    }

    #[test]
    fn requests_cost_what_they_were_measured_to_cost() {
        let nobody = Event { viewers: 0.0, seconds: 59.0, ..event() };
        let counts = Counts::of(&Event { share_over_rest: 1.0, share_keyed: 0.0, ..nobody });
        assert_eq!((counts.http_requests, counts.invocations["send-message"]), (59.0, 59.0));
        let counters = units::FLUSH.times(counts.invocations["broadcast"]);
        assert_eq!(counts.units.write, 59.0 * units::SEND.write + counters.write);
        let counts = Counts::of(&nobody);
        assert_eq!(counts.websocket_messages, 118.0, "a frame and its answer");
        assert_eq!(counts.units.write, 59.0 * units::SAY_KEYED.write + counters.write);
    }
}
