//! Bodies of the requests for sessions.

use super::*;

fn new(body: &Value) -> Result<NewSession, ChatError> {
    NewSession::parse(&Fields::parse(body.to_string().as_bytes())?, 1000)
}

fn change(body: &Value) -> Result<SessionChange, ChatError> {
    SessionChange::parse(&Fields::parse(body.to_string().as_bytes())?, 1000)
}

#[test]
fn a_name_is_enough() {
    let session = new(&json!({"name": " Launch\u{202e} day "})).expect("a session");
    assert_eq!((session.name.as_str(), session.room.as_str()), ("Launch day", "main"));
    assert_eq!((session.start, session.end, session.tags.len()), (None, None, 0));
    assert!(session.limits.are_none() && session.modes.is_empty());
}

#[test]
fn every_field_is_read() {
    let session = new(&json!({
        "name": "Launch", "room": "stage-2", "start_time": "2024-01-02T20:00:00+01:00", "end_time": "2024-01-02T21:00:00.5Z",
        "modes": {"slow_seconds": 5}, "tags": ["vip", "vip", "2024"], "messages_per_minute": 60.0, "max_message_length": 200,
        "retention_days": 0,
    }))
    .expect("a session");
    let (start, end) = (session.start.expect("a start"), session.end.expect("an end"));
    assert_eq!((start.to_string(), end.to_string()), ("2024-01-02T19:00:00Z".into(), "2024-01-02T21:00:00.5Z".into()));
    assert_eq!(session.tags, ["vip", "2024"]);
    let limits = OwnLimits { messages_per_minute: Some(60), max_message_length: Some(200), retention_days: Some(0) };
    assert_eq!(session.limits, limits);
}

#[test]
fn a_refusal_names_the_field() {
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("\u{200b}")),
        ("name", json!("x".repeat(101))),
        ("name", json!(7)),
        ("room", json!("Stage")),
        ("room", json!(7)),
        ("start_time", json!("tomorrow")),
        ("start_time", json!("2024-01-02")),
        ("start_time", json!(1_700_000_000)),
        ("end_time", json!("2024-01-02T20:00:00")),
        ("modes", json!({"slow_seconds": 500})),
        ("tags", json!("vip")),
        ("tags", json!(vec!["x"; 21])),
        ("tags", json!(["x".repeat(65)])),
        ("tags", json!([7])),
        ("tags", json!(["a".repeat(64), "b".repeat(64), "c".repeat(64), "d".repeat(9)])),
        ("messages_per_minute", json!(1001)),
        ("messages_per_minute", json!(-1)),
        ("max_message_length", json!(0)),
        ("max_message_length", json!(1001)),
        ("retention_days", json!(36_501)),
    ] {
        let mut body = json!({"name": "Launch"});
        body[field] = value.clone();
        let refusal = new(&body).expect_err(field).to_string();
        assert!(refusal.contains(field), "{field} {value}: {refusal}");
        if !["room", "start_time"].contains(&field) {
            let refusal = change(&body).expect_err(field).to_string();
            assert!(refusal.contains(field), "{field} {value}: {refusal}");
        }
    }
    assert!(new(&json!({})).expect_err("no name").to_string().contains("name is missing"));
    assert!(change(&json!({})).expect_err("nothing").to_string().contains("Name what changes"));
    assert!(change(&json!({"reason": "why"})).is_err());
}

#[test]
fn a_change_keeps_what_it_does_not_name() {
    let before = SessionSettings {
        version: 3,
        name: "Launch".to_owned(),
        end_ms: Some(1000),
        tags: vec!["vip".to_owned()],
        limits: OwnLimits { messages_per_minute: Some(60), retention_days: Some(7), ..OwnLimits::default() },
        expires_at: None,
    };
    let same = change(&json!({"modes": {"slow_seconds": 5}})).expect("a change");
    assert_eq!(same.applied_to(&before), before);
    let change = change(&json!({"end_time": null, "messages_per_minute": null, "max_message_length": 50, "tags": []}));
    let change = change.expect("a change");
    let after = change.applied_to(&before);
    assert_eq!((after.name.as_str(), after.end_ms, after.tags.len()), ("Launch", None, 0));
    let limits = OwnLimits { max_message_length: Some(50), retention_days: Some(7), ..OwnLimits::default() };
    assert_eq!(after.limits, limits);
    let logged = json!({"end_time": null, "tags": [], "messages_per_minute": null, "max_message_length": 50});
    assert_eq!(change.logged(&after), logged);
    assert!(change.moves_end() && !same.moves_end());
}
