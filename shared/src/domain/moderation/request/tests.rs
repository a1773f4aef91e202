//! What bodies of actions are read as, and refused for.

use serde_json::json;

use super::*;

const HELD: &str = "01kb5d2m7c8hq4t0v9w3x5y6z7";

fn parse(body: &Value) -> Result<ActionRequest, ChatError> {
    ActionRequest::parse(body.to_string().as_bytes())
}

fn act(body: &Value) -> Act {
    parse(body).unwrap().act
}

fn users(ids: &[&str]) -> Users {
    Users::Many(ids.iter().map(|id| (*id).to_owned()).collect())
}

#[test]
fn every_action_is_read() {
    let ann = || Users::One("ann".to_owned());
    for (body, expected) in [
        (
            json!({"action": "delete", "message_ids": [100000001, "100000002", 100000001.0]}),
            Act::Delete { message_ids: vec![MessageId::new(1, 1), MessageId::new(1, 2)] },
        ),
        (
            json!({"action": "timeout", "user_id": "ann", "seconds": 6e1}),
            Act::Timeout { users: ann(), seconds: 60, delete_messages: false },
        ),
        (
            json!({"action": "ban", "user_ids": ["ann", 7, "ann"], "session_only": true, "delete_messages": true}),
            Act::Ban { users: users(&["ann", "7"]), session_only: true, delete_messages: true },
        ),
        (json!({"action": "shadow_ban", "user_id": "ann"}), Act::ShadowBan { users: ann() }),
        (json!({"action": "lift", "user_id": "ann"}), Act::Lift { users: ann() }),
        (json!({"action": "disconnect", "user_id": "ann"}), Act::Disconnect { users: ann() }),
        (json!({"action": "purge", "user_id": "ann"}), Act::Purge { users: ann() }),
        (json!({"action": "erase", "user_id": "ann"}), Act::Erase { user_id: "ann".to_owned() }),
        (json!({"action": "clear"}), Act::Clear),
        (
            json!({"action": "approve", "held_id": HELD}),
            Act::Approve { holds: Holds::One(HeldId::parse(HELD).unwrap()) },
        ),
        (
            json!({"action": "deny", "held_ids": [HELD, HELD]}),
            Act::Deny { holds: Holds::Many(vec![HeldId::parse(HELD).unwrap()]) },
        ),
        (
            json!({"action": "restore", "action_id": "01kb5d2m7c8hq4t0v9w3x5y6z7"}),
            Act::Restore { action_id: "01kb5d2m7c8hq4t0v9w3x5y6z7".parse().unwrap() },
        ),
        (json!({"action": "pin", "message_id": 1.00000002e8}), Act::Pin { message_id: MessageId::new(1, 2) }),
        (json!({"action": "unpin", "message_id": "100000002"}), Act::Unpin { message_id: MessageId::new(1, 2) }),
        (
            json!({"action": "note", "user_id": "ann", "text": " kind "}),
            Act::Note { user_id: "ann".to_owned(), text: "kind".to_owned() },
        ),
        (
            json!({"action": "revoke_tokens", "user_id": "ann", "issued_before": "1970-01-01T00:01:00.5Z"}),
            Act::RevokeTokens { user_id: "ann".to_owned(), issued_before: Some(60) },
        ),
        (
            json!({"action": "revoke_tokens", "user_id": "ann", "issued_before": 60.9}),
            Act::RevokeTokens { user_id: "ann".to_owned(), issued_before: Some(60) },
        ),
        (
            json!({"action": "revoke_tokens", "user_id": "ann"}),
            Act::RevokeTokens { user_id: "ann".to_owned(), issued_before: None },
        ),
    ] {
        let read = act(&body);
        assert_eq!(read, expected, "{body}");
        assert_eq!(read.name(), body["action"], "{body}");
    }
}

#[test]
fn what_every_action_may_carry_is_read() {
    let body = json!({"action": "lift", "user_id": "ann", "reason": "spam", "explanation": "a raid", "session_id": "7", "client_action_id": "k1"});
    let read = parse(&body).unwrap();
    assert_eq!((read.reason.as_deref(), read.explanation.as_deref()), (Some("spam"), Some("a raid")));
    assert_eq!((read.session_id, read.client_action_id.unwrap().as_str()), (Some(7), "k1"));
    let bare = parse(&json!({"action": "lift", "user_id": "ann", "reason": "", "session_id": null})).unwrap();
    assert_eq!((bare.reason, bare.session_id, bare.client_action_id), (None, None, None));
}

#[test]
fn a_refusal_names_the_field() {
    for (body, named) in [
        (json!({}), "action"),
        (json!({"action": "explode"}), "delete, timeout"),
        (json!({"action": 7}), "delete, timeout"),
        (json!({"action": "ban"}), "user_id"),
        (json!({"action": "ban", "user_id": "a", "user_ids": ["b"]}), "user_ids"),
        (json!({"action": "ban", "user_id": ""}), "user_id"),
        (json!({"action": "ban", "user_id": "x".repeat(256)}), "255 bytes"),
        (json!({"action": "ban", "user_ids": []}), "1 to 100"),
        (json!({"action": "ban", "user_ids": vec!["a"; 101]}), "1 to 100"),
        (json!({"action": "ban", "user_id": "a", "session_only": "yes"}), "session_only"),
        (json!({"action": "shadow_ban"}), "user_id"),
        (json!({"action": "timeout", "user_id": "a"}), "seconds is missing"),
        (json!({"action": "timeout", "user_id": "a", "seconds": 0}), "seconds"),
        (json!({"action": "timeout", "user_id": "a", "seconds": 1_209_601}), "1209600"),
        (json!({"action": "approve"}), "held_id"),
        (json!({"action": "approve", "held_id": "x"}), "held_id"),
        (json!({"action": "deny", "held_id": HELD, "held_ids": [HELD]}), "held_ids"),
        (json!({"action": "deny", "held_ids": vec![HELD; 101]}), "1 to 100"),
        (json!({"action": "delete"}), "message_ids"),
        (json!({"action": "delete", "message_ids": [-1]}), "message_ids"),
        (json!({"action": "restore"}), "action_id"),
        (json!({"action": "restore", "action_id": "x"}), "action_id"),
        (json!({"action": "note", "user_id": "a"}), "text"),
        (json!({"action": "note", "user_id": "a", "text": "x".repeat(501)}), "500"),
        (json!({"action": "lift", "user_id": "ann", "reason": "x".repeat(501)}), "reason"),
        (json!({"action": "lift", "user_id": "ann", "explanation": "x".repeat(301)}), "explanation"),
        (json!({"action": "lift", "user_id": "ann", "session_id": -1}), "session_id"),
        (json!({"action": "lift", "user_id": "ann", "client_action_id": ""}), "client_action_id"),
        (json!({"action": "lift", "user_id": "ann", "acting_for": "mona"}), "acting_for"),
        (json!({"action": "lift", "user_id": "ann", "acting_for": {"username": "Mona"}}), "acting_for.user_id"),
        (
            json!({"action": "lift", "user_id": "ann", "acting_for": {"user_id": "m", "username": 7}}),
            "acting_for.username",
        ),
        (json!({"action": "revoke_tokens", "user_id": "a", "issued_before": "yesterday"}), "issued_before"),
    ] {
        let refusal = parse(&body).unwrap_err();
        assert_eq!(refusal.status(), 400, "{body}");
        assert!(refusal.to_string().contains(named), "{body}: {refusal}");
    }
}
