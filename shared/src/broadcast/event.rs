//! An event on its way to sockets: the text of its frame, and the facts that the broadcast needs.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::broadcast::audience::Audience;
use crate::domain::message::{Message, MessageId};
use crate::domain::wire::log_event::LogEvent;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::messages::store::LogEntry;

/// An event. `fan-out` receives it as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The frame's text.
    pub json: String,
    /// The number, if the event is a new message or has a number itself.
    pub seq: Option<u64>,
    /// The earlier message that was deleted, or whose likes changed.
    #[serde(default)]
    pub about: Option<MessageId>,
    /// The sockets that receive it.
    #[serde(default, skip_serializing_if = "Audience::is_everybody")]
    pub audience: Audience,
    /// Whether it is a notice. Nothing else tells a socket of it later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_notice: bool,
}

impl Event {
    /// A new message, for everybody.
    pub fn new_message(message: &Message) -> Event {
        let json = ServerFrame::NewMessage { message }.to_json();
        Event { json, seq: Some(message.seq), about: None, audience: Audience::Everybody, is_notice: false }
    }

    /// The event of an entry of the log; `None` if there is nothing to tell.
    pub(super) fn of_entry(entry: &LogEntry, zone: &TimeZone) -> Option<Event> {
        match entry {
            LogEntry::Message(message) => Some(Event::new_message(&message.to_wire(zone))),
            LogEntry::Event(event) => Some(Event::numbered(event)),
            LogEntry::Nothing { .. } => None,
        }
    }

    /// A numbered event of the log, for everybody.
    pub fn numbered(event: &LogEvent) -> Event {
        Event { seq: Some(event.seq), ..Event::of_frame(&ServerFrame::Numbered(event), None) }
    }

    /// Any other event for everybody, about an earlier message or about the session.
    pub fn of_frame(frame: &ServerFrame<'_>, about: Option<MessageId>) -> Event {
        Event { json: frame.to_json(), seq: None, about, audience: Audience::Everybody, is_notice: false }
    }

    /// A notice with this frame's text.
    pub fn of_notice(json: String, audience: Audience) -> Event {
        Event { json, seq: None, about: None, audience, is_notice: true }
    }
}

/// Splits events into runs of the same audience, in order.
pub(super) fn by_audience(events: &[Event]) -> Vec<&[Event]> {
    events.chunk_by(|one, next| one.audience == next.audience).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_for_everybody_looks_to_fan_out_as_it_always_did() {
        let event = Event::of_frame(&ServerFrame::SessionEnded { session_id: 1 }, Some(MessageId::new(1, 2)));
        let json = r#"{"json":"{\"type\":\"session_ended\",\"session_id\":1}","seq":null,"about":100000002}"#;
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
        assert_eq!(serde_json::from_str::<Event>(json).unwrap(), event);
    }

    #[test]
    fn runs_of_one_audience_keep_the_order() {
        let event = |audience: &Audience| Event {
            audience: audience.clone(),
            ..Event::of_frame(&ServerFrame::SessionEnded { session_id: 1 }, None)
        };
        let (all, staff, ann) = (Audience::Everybody, Audience::Staff, Audience::User("ann".to_owned()));
        let events = [&all, &all, &staff, &all, &ann].map(event);
        let runs: Vec<(usize, &Audience)> =
            by_audience(&events).iter().map(|run| (run.len(), &run[0].audience)).collect();
        assert_eq!(runs, [(2, &all), (1, &staff), (1, &all), (1, &ann)]);
        assert_eq!(by_audience(&[]).len(), 0);
    }
}
