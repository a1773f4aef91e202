//! An event on its way to sockets: the text of its frame, and the facts that the broadcast needs.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::broadcast::audience::Audience;
use crate::domain::caller::Caller;
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

    /// The events of an entry of the log: none if there is nothing to tell, and one for each audience of a shadowed message.
    pub(super) fn of_entry(entry: &LogEntry, zone: &TimeZone) -> Vec<Event> {
        match entry {
            LogEntry::Message(message) => vec![Event::new_message(&message.to_wire(zone))],
            LogEntry::Shadowed(message) => {
                let for_author = Event::new_message(&message.to_wire(zone));
                let for_staff = Event::new_message(&message.to_wire_for_staff(zone));
                vec![
                    Event { audience: Audience::User(message.user_id.clone()), ..for_author },
                    Event { audience: Audience::Staff, ..for_staff },
                ]
            }
            LogEntry::Event(event) => vec![Event::numbered(event)],
            LogEntry::Nothing { .. } => Vec::new(),
        }
    }

    /// The event as one for a single socket, if its audience has the socket's owner.
    pub(super) fn addressed_to(self, owner: Option<&Caller>) -> Option<Event> {
        let is_addressed = match (&self.audience, owner) {
            (Audience::Everybody, _) => true,
            (Audience::Staff, Some(owner)) => owner.reads_as_staff(),
            (Audience::User(user_id), Some(owner)) => owner.user_id == *user_id && !owner.reads_as_staff(),
            (Audience::Staff | Audience::User(_), None) => false,
        };
        is_addressed.then_some(Event { audience: Audience::Everybody, ..self })
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
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_for_everybody_looks_to_fan_out_as_it_always_did() {
        let event = Event::of_frame(&ServerFrame::SessionEnded { session_id: 1 }, Some(MessageId::new(1, 2)));
        let json = r#"{"json":"{\"type\":\"session_ended\",\"session_id\":1}","seq":null,"about":100000002}"#;
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
        assert_eq!(serde_json::from_str::<Event>(json).unwrap(), event);
    }

    #[test]
    fn an_event_for_an_audience_is_for_the_sockets_of_its_people() {
        let caller = |id: &str, roles: &[&str]| {
            Caller::from_claims(&json!({"sub": id, "exp": 9_999_999_999_u64, "roles": roles})).expect("a caller")
        };
        let (ann, bob, mona) = (caller("ann", &[]), caller("bob", &[]), caller("mona", &["moderator"]));
        for (audience, heard) in [
            (Audience::Everybody, [true; 4]),
            (Audience::Staff, [false, false, false, true]),
            (Audience::User("ann".to_owned()), [false, true, false, false]),
            // She hears it as staff.
            (Audience::User("mona".to_owned()), [false; 4]),
        ] {
            let event = Event { audience, ..Event::of_frame(&ServerFrame::SessionEnded { session_id: 1 }, None) };
            let hears =
                [None, Some(&ann), Some(&bob), Some(&mona)].map(|owner| event.clone().addressed_to(owner).is_some());
            assert_eq!(hears, heard, "{:?}", event.audience);
        }
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
