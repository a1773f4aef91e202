//! Claims, as tokens have them.

use serde_json::json;

use super::*;

fn caller(claims: Value) -> Caller {
    Caller::from_claims(&claims).unwrap()
}

#[test]
fn the_display_name_falls_back_claim_by_claim_and_never_to_the_email() {
    let mut claims = json!({"sub": 7, "exp": 1, "name": "Alice", "preferred_username": "ali", "username": "a1", "email": "al@x.org"});
    for (name, next) in [("Alice", "name"), ("ali", "preferred_username"), ("a1", "username")] {
        assert_eq!(caller(claims.clone()).username, name);
        claims.as_object_mut().unwrap().remove(next);
    }
    assert_eq!(caller(claims).username, "User-790269");
}

#[test]
fn a_display_claim_without_anything_to_see_or_of_another_type_counts_as_absent() {
    for absent in [
        json!("\u{200b}"),
        json!("\u{3164} "),
        json!(""),
        json!(7),
        json!(true),
        json!(null),
        json!(["Eve"]),
        json!({"a": "Eve"}),
    ] {
        let names = json!({"sub": "a", "exp": 1, "name": absent, "preferred_username": absent, "username": "Ann"});
        assert_eq!(caller(names).username, "Ann", "{absent}");
        let others = caller(json!({"sub": "a", "exp": 1, "badge": absent, "picture": absent, "roles": absent}));
        assert_eq!((others.badge, others.profile_pic, others.is_host), (None, None, false), "{absent}");
    }
}

#[test]
fn a_name_made_of_the_subject_has_no_control_characters_either() {
    // printf 'a\0\nb' | sha256sum
    assert_eq!(caller(json!({"sub": "a\u{0}\nb", "exp": 1})).username, "User-f4b437");
}

#[test]
fn a_picture_is_an_address_of_https() {
    let picture = |picture: &str| caller(json!({"sub": "a", "exp": 1, "picture": picture})).profile_pic;
    assert_eq!(picture("https://example.org/a.png").as_deref(), Some("https://example.org/a.png"));
    assert_eq!(picture("http://example.org/a.png"), None);
}

#[test]
fn a_badge_is_cleaned_and_dropped_if_it_is_too_long() {
    let badge = |badge: &str| caller(json!({"sub": "a", "exp": 1, "badge": badge})).badge;
    assert_eq!(badge(" \u{202e}top\nfan\u{200b}").as_deref(), Some("top fan"));
    assert_eq!((badge(&"x".repeat(50)), badge(&"x".repeat(51))), (Some("x".repeat(50)), None));
}

#[test]
fn a_subject_may_be_a_number_and_is_always_text() {
    assert_eq!(caller(json!({"sub": 42, "exp": 1})).user_id, "42");
    assert_eq!(caller(json!({"sub": "42", "exp": 1})).user_id, "42");
    assert_eq!(caller(json!({"sub": 42.0, "exp": 1})).user_id, "42");
    assert_eq!(caller(json!({"sub": -4.2e1, "exp": 1})).user_id, "-42");
}

#[test]
fn a_token_without_usable_sub_or_exp_is_refused() {
    for claims in [
        json!({"exp": 1}),
        json!({"sub": "", "exp": 1}),
        json!({"sub": 1.5, "exp": 1}),
        json!({"sub": 1e20, "exp": 1}),
        json!({"sub": "a"}),
        json!({"sub": "a", "exp": "x"}),
        json!({"sub": "a".repeat(256), "exp": 1}),
    ] {
        assert!(Caller::from_claims(&claims).is_err(), "{claims}");
    }
}

#[test]
fn roles_and_badges_become_flags() {
    let host = caller(json!({"sub": "a", "exp": 1, "roles": ["host", 3], "badge": "gold"}));
    assert!(host.is_host && !host.is_moderator && host.is_winner());
    let fan = caller(json!({"sub": "a", "exp": 1, "roles": "host", "badge": "fan"}));
    assert!(!fan.is_host && !fan.is_winner());
    assert_eq!(fan.badge.as_deref(), Some("fan"));
}

#[test]
fn capabilities_and_sessions_are_arrays() {
    for claim in [json!("uncounted"), json!(null), json!(true), json!({"uncounted": true})] {
        for name in ["capabilities", "sessions"] {
            assert!(Caller::from_claims(&json!({"sub": "a", "exp": 1, name: claim})).is_err(), "{name}: {claim}");
        }
    }
}

#[test]
fn the_claim_decides_over_roles_and_a_service_is_never_a_viewer() {
    let of = |roles: Value, capabilities: Value| {
        caller(json!({"sub": "a", "exp": 1, "roles": roles, "capabilities": capabilities}))
    };
    assert!(!of(json!([]), json!([])).is_uncounted);
    let host = of(json!(["host"]), json!(["read", "uncounted"]));
    assert!(host.is_host && host.is_uncounted && host.may(Capability::Read) && !host.is_staff());
    let service = of(json!([]), json!(["read"])).into_service();
    assert!(service.is_uncounted && service.may(Capability::Uncounted) && !service.may(Capability::Manage));
}

#[test]
fn ranks_come_from_roles_and_moderate_without_a_role_ranks_as_moderator() {
    let rank = |claims: Value| {
        let mut all = json!({"sub": "a", "exp": 1});
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        caller(all)
    };
    for (claims, expected) in [
        (json!({}), Rank::Everybody),
        (json!({"roles": ["member"]}), Rank::Everybody),
        (json!({"capabilities": ["announce", "audit"]}), Rank::Everybody),
        (json!({"capabilities": ["manage", "announce", "audit"]}), Rank::Moderator),
        (json!({"capabilities": ["moderate"]}), Rank::Moderator),
        (json!({"roles": ["member"], "capabilities": ["moderate"]}), Rank::Moderator),
        (json!({"roles": ["moderator"], "capabilities": []}), Rank::Moderator),
        (json!({"roles": ["moderator", "host"]}), Rank::Host),
        (json!({"roles": ["host"], "capabilities": ["read"]}), Rank::Host),
    ] {
        let caller = rank(claims.clone());
        assert_eq!((caller.rank(), caller.into_service().rank()), (expected, Rank::Service), "{claims}");
    }
}

#[test]
fn a_missing_capability_is_named() {
    let viewer = caller(json!({"sub": "a", "exp": 1}));
    for capability in Capability::all() {
        match viewer.require(capability) {
            Ok(()) => assert!(viewer.may(capability), "{capability:?}"),
            Err(error) => {
                let sentence = format!("The token lacks the capability {}", capability.name());
                assert_eq!((error.code(), error.to_string()), ("forbidden", sentence));
            }
        }
    }
    let refusal = viewer.require_any(&[Capability::Moderate, Capability::Audit]).unwrap_err();
    assert_eq!(refusal.to_string(), "The token lacks the capability moderate or audit");
    assert!(viewer.require_any(&[Capability::Audit, Capability::Send]).is_ok() && viewer.require_any(&[]).is_ok());
}

#[test]
fn an_auditor_reads_as_staff_and_is_none() {
    let auditor = caller(json!({"sub": "a", "exp": 1, "capabilities": ["audit"]}));
    assert!(auditor.reads_as_staff() && !auditor.is_staff() && !auditor.may_delete_message_of("a"));
}

#[test]
fn deleting_own_messages_needs_send_and_those_of_others_moderate() {
    let may = |capabilities: Value| {
        let caller = caller(json!({"sub": "a", "exp": 1, "capabilities": capabilities}));
        (caller.may_delete_message_of("a"), caller.may_delete_message_of("b"))
    };
    assert_eq!(may(json!(["send"])), (true, false));
    assert_eq!(may(json!(["moderate"])), (true, true));
    assert_eq!(may(json!(["read", "react", "announce", "manage", "audit"])), (false, false));
}

#[test]
fn an_account_was_created_at_a_moment_that_is_a_number_or_a_text() {
    let created = |claim: Value| caller(json!({"sub": "a", "exp": 1, "account_created": claim})).account_created;
    for claim in
        [json!(1_700_000_000), json!(1.7e9), json!("2023-11-14T22:13:20Z"), json!("2023-11-14T17:13:20.5-05:00")]
    {
        assert_eq!(created(claim.clone()), Some(1_700_000_000), "{claim}");
    }
    for claim in [json!(null), json!("yesterday"), json!("2023-11-14"), json!(true), json!([1])] {
        assert_eq!(created(claim.clone()), None, "{claim}");
    }
}

#[test]
fn rows_of_callers_are_read_by_older_and_newer_versions() {
    let viewer = caller(json!({"sub": "a", "exp": 1, "name": "Ann"}));
    let written_before = r#"{"user_id":"a","username":"Ann","profile_pic":null,"badge":null,"is_host":false,"is_moderator":false,"expires_at":1}"#;
    assert_eq!(serde_json::to_string(&viewer).unwrap(), written_before);
    assert_eq!(serde_json::from_str::<Caller>(written_before).unwrap(), viewer);
    let uncounted_before = r#"{"user_id":"a","username":"Ann","profile_pic":null,"badge":null,"is_host":false,"is_moderator":true,"uncounted":true,"expires_at":1}"#;
    let bot: Caller = serde_json::from_str(uncounted_before).unwrap();
    assert!(bot.is_uncounted && bot.may(Capability::Read) && bot.is_staff());
    let claims = json!({"sub": "a", "exp": 1, "iat": 2, "name": "Ann", "roles": ["member"], "capabilities": ["read", "uncounted"],
        "sessions": [1, "main"], "attributes": {"team": "red"}, "account_created": 3});
    for caller in [caller(claims.clone()), caller(claims).into_service()] {
        let mut row = serde_json::to_value(&caller).unwrap();
        let kept = json!(["read", "uncounted"]);
        assert_eq!((&row["capabilities"], &row["uncounted"], &row["member"]), (&kept, &json!(true), &json!(true)));
        assert_eq!(serde_json::from_value::<Caller>(row.clone()).unwrap(), caller);
        row["capabilities"].as_array_mut().unwrap().push(json!("later"));
        row["later"] = json!({"a": 1});
        assert_eq!(serde_json::from_value::<Caller>(row).unwrap(), caller);
    }
}

#[test]
fn a_name_is_cut_and_cleaned() {
    let claims = json!({"sub": "a", "exp": 1, "name": format!(" {}\u{0}{} ", "x".repeat(60), "é".repeat(60))});
    assert_eq!(caller(claims).username, format!("{}{}", "x".repeat(60), "é".repeat(40)));
}

#[test]
fn only_a_caller_with_more_than_a_viewers_capabilities_is_told_them() {
    let told = |more: Value| {
        let mut claims = json!({"sub": "a", "exp": 1});
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        caller(claims).capabilities_of_staff()
    };
    for claims in [
        json!({}),
        json!({"roles": ["member"]}),
        json!({"capabilities": ["read", "uncounted"]}),
        json!({"capabilities": []}),
    ] {
        assert_eq!(told(claims.clone()), None, "{claims}");
    }
    assert_eq!(told(json!({"roles": ["moderator"]})).unwrap(), ["read", "send", "react", "announce", "moderate"]);
    assert_eq!(
        told(json!({"roles": ["host"], "capabilities": ["read", "audit", "uncounted"]})).unwrap(),
        ["read", "uncounted", "audit"]
    );
}
