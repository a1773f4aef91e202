//! An event: the assumptions of the model.

/// An event. Durations are in seconds, rates are per second unless they say otherwise, shares are between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Sockets, each of its own user, open to the end.
    pub viewers: f64,
    /// Messages a second of all together.
    pub messages_per_second: f64,
    /// Its duration.
    pub seconds: f64,
    /// The time between two flushes of the broadcast while there are changes.
    pub flush_seconds: f64,
    /// Sockets that take several events in one frame.
    pub share_batched: f64,
    /// Viewers come evenly over this time, before the event.
    pub arrival_seconds: f64,
    /// Viewers leave evenly over this time, after the event.
    pub leaving_seconds: f64,
    /// Messages that come over REST instead of a socket.
    pub share_over_rest: f64,
    /// Messages with a `client_message_id`.
    pub share_keyed: f64,
    /// A `new_message` event in bytes.
    pub message_bytes: f64,
    /// Pings of each socket.
    pub pings_per_minute: f64,
    /// Polls of `status`, `viewers`, `likes` or `stats` by each viewer.
    pub polls_per_minute: f64,
    /// Likes of the session by each viewer.
    pub likes_per_viewer: f64,
    /// Likes of messages by each viewer.
    pub message_likes_per_viewer: f64,
    /// Calls of `status` and of `messages` by each viewer, on arrival.
    pub visits_per_viewer: f64,
    /// Posts to sockets that the deployment makes a second.
    pub posts_per_second: f64,
    /// How long a handler of a request runs.
    pub handler_seconds: f64,
}

impl Event {
    /// The same event with sockets that take one event in one frame.
    pub fn unbatched(&self) -> Event {
        Event { share_batched: 0.0, ..*self }
    }

    /// All messages.
    pub fn messages(&self) -> f64 {
        self.messages_per_second * self.seconds
    }
}

impl Default for Event {
    fn default() -> Event {
        Event {
            viewers: 1_000.0,
            messages_per_second: 1.0,
            seconds: 7_200.0,
            flush_seconds: 0.25,
            share_batched: 1.0,
            arrival_seconds: 600.0,
            leaving_seconds: 600.0,
            share_over_rest: 0.0,
            share_keyed: 1.0,
            message_bytes: 400.0,
            pings_per_minute: 2.0,
            polls_per_minute: 0.0,
            likes_per_viewer: 1.0,
            message_likes_per_viewer: 0.1,
            visits_per_viewer: 1.0,
            posts_per_second: 7_500.0,
            handler_seconds: 0.02,
        }
    }
}
