//! What a client hears: each frame, as it is recorded.

use serde_json::{Value, json};
use shared::domain::moderation::modes::{Modes, ModesChange};

use super::{draws, notices, pins};
use crate::history::{DrawEvent, Event, Heard, Moderation, PinEvent, QuestionEvent, Recorder};

/// The frame of a purge or a clear, as it is recorded.
fn heard_cover(socket: u64, event: &Value, is_resumed: bool) -> Event {
    let number = |name: &str| event[name].as_u64().unwrap_or_default();
    let user = event["user_id"].as_str().map(str::to_owned);
    Event::HeardCover { socket, seq: number("seq"), user, up_to: number("up_to_seq"), is_resumed }
}

/// A numbered event that is no message, as it is recorded.
pub(super) fn heard_numbered(socket: u64, event: &Value, is_resumed: bool) -> Event {
    if event["type"] != "event" {
        return heard_cover(socket, event, is_resumed);
    }
    let name = event["name"].as_str().unwrap_or_default().to_owned();
    Event::HeardEvent { socket, seq: event["seq"].as_u64().unwrap_or_default(), name, is_resumed }
}

/// Records a frame that an act of moderation has left.
fn heard_of_act(recorder: &Recorder, socket: u64, name: &str, frame: &Value) {
    if !matches!(name, "message_approved" | "message_denied") {
        recorder.note(Moderation::HeardForStaff { socket, frame: name.to_owned() });
    }
    let heard = |decision: &Value| Heard {
        socket,
        held_id: frame["held_id"].as_str().unwrap_or_default().to_owned(),
        decision: decision.as_str().unwrap_or_default().to_owned(),
        message_id: frame["message_id"].as_u64(),
    };
    match name {
        "held_resolved" => recorder.note(Moderation::HeardDecision(heard(&frame["decision"]))),
        "message_approved" => recorder.note(Moderation::HeardOutcome(heard(&json!("approved")))),
        "message_denied" => recorder.note(Moderation::HeardOutcome(heard(&frame["reason"]))),
        _ => {}
    }
}

/// Modes as clients see them.
fn modes_of(mut told: Value) -> Modes {
    told.as_object_mut().and_then(|modes| modes.remove("shield_until"));
    let change = ModesChange::parse("modes", &told).expect("modes, as the documents describe them");
    change.applied_to(Modes::default())
}

/// Records the content of a frame. Responses are passed on.
pub(super) fn hear(recorder: &Recorder, socket: u64, frame: Value) -> Option<Value> {
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    match frame["type"].as_str() {
        Some("batch") => {
            for event in frame["events"].as_array().cloned().unwrap_or_default() {
                // Responses come in frames of their own.
                let _no_answer = hear(recorder, socket, event);
            }
        }
        Some("new_message") => {
            let message = &frame["message"];
            let text = message["message"].as_str().unwrap_or_default().to_owned();
            recorder.note(Event::Heard { socket, seq: number(&message["seq"]), text });
            let (id, likes) = (number(&message["id"]), number(&message["likes"]));
            recorder.note(Event::HeardMessageLikes { socket, id, likes });
        }
        Some("user_purged" | "chat_cleared" | "event") => recorder.note(heard_numbered(socket, &frame, false)),
        Some("message_deleted") => recorder.note(Event::HeardDeletion { socket, id: number(&frame["message_id"]) }),
        Some("session_like_update") => {
            recorder.note(Event::HeardLikes { socket, likes: number(&frame["total_likes"]) })
        }
        Some("poll_update") => {
            let poll = &frame["poll"];
            let options = poll["options"].as_array().into_iter().flatten();
            let votes = options.map(|option| number(&option["votes"])).collect();
            let (poll, is_over) = (number(&poll["id"]), poll["state"] == "ended");
            recorder.note(Event::HeardPoll { socket, poll, is_over, votes });
        }
        Some("pins_update") => recorder.note(PinEvent::Heard { socket, pinned: pins::told(&frame) }),
        Some("draw_update") => {
            let (version, draw) = (number(&frame["draw_version"]), draws::told(&frame["draw"]));
            recorder.note(DrawEvent::Heard { socket, version, draw });
        }
        Some("question_update") => {
            let (notice, id) =
                (frame["notice_id"].as_str().unwrap_or_default().to_owned(), number(&frame["message_id"]));
            recorder.note(QuestionEvent::Heard { socket, notice, id, answered: frame["answered"] == true });
        }
        Some("message_like_update") => recorder.note(Event::HeardMessageLikes {
            socket,
            id: number(&frame["message_id"]),
            likes: number(&frame["likes"]),
        }),
        Some("viewer_count_update") => {
            recorder.note(Event::HeardViewers { socket, viewers: number(&frame["viewer_count"]) })
        }
        Some("reactions") => {
            recorder.note(Event::HeardReactions { socket, total: number(&frame["totals"]["🎉"]) });
        }
        Some("session_ended") => {}
        Some("modes_update") if !notices::are_marked(&frame["modes"]) => {
            recorder.note(Moderation::HeardModes { socket, modes: modes_of(frame["modes"].clone()) });
        }
        Some(
            name @ ("moderation_action" | "message_held" | "held_resolved" | "message_reported" | "message_approved"
            | "message_denied"),
        ) => heard_of_act(recorder, socket, name, &frame),
        Some("standing_update") => recorder.note(Event::HeardStanding { socket }),
        _ if frame["notice_id"].is_string() => {
            let id = frame["notice_id"].as_str().unwrap_or_default().to_owned();
            recorder.note(Event::HeardNotice { socket, id });
        }
        // `ack`, `pong`, `resumed`, `error`, and the error frames of API Gateway.
        _ => return Some(frame),
    }
    None
}
