//! Who outranks whom, and what holds until when.

use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

fn sanction(kind: SanctionKind, scope: Scope, until_ms: Option<i64>) -> Sanction {
    let (reference, rank) = (ActionId::at(NOW), Rank::Moderator);
    Sanction { kind, scope, until_ms, rank, reference, explanation: None, automated: false }
}

fn standing(sanctions: impl IntoIterator<Item = Sanction>) -> Standing {
    sanctions.into_iter().fold(Standing::default(), |standing, sanction| standing.with(sanction, NOW))
}

#[test]
fn a_sanction_binds_lower_ranks_in_its_scope_until_its_end() {
    use SanctionKind::{Ban, Timeout};
    let here = Scope::Session(1);
    // (sanctions, session, rank, time, what holds)
    let table = [
        (vec![], Some(1), Rank::Everybody, 0, None),
        (vec![sanction(Ban, Scope::All, None)], Some(1), Rank::Everybody, 9_999, Some(Ban)),
        (vec![sanction(Ban, Scope::All, None)], None, Rank::Everybody, 0, Some(Ban)),
        (vec![sanction(Ban, Scope::All, None)], Some(1), Rank::Moderator, 0, None),
        (vec![sanction(Ban, Scope::All, None)], Some(1), Rank::Host, 0, None),
        (vec![sanction(Ban, here, None)], Some(1), Rank::Everybody, 0, Some(Ban)),
        (vec![sanction(Ban, here, None)], Some(2), Rank::Everybody, 0, None),
        (vec![sanction(Ban, here, None)], None, Rank::Everybody, 0, None),
        (vec![sanction(Timeout, here, Some(500))], Some(1), Rank::Everybody, 499, Some(Timeout)),
        (vec![sanction(Timeout, here, Some(500))], Some(1), Rank::Everybody, 500, None),
        (
            vec![sanction(Timeout, Scope::All, Some(500)), sanction(Ban, here, None)],
            Some(1),
            Rank::Everybody,
            0,
            Some(Ban),
        ),
    ];
    for (sanctions, session_id, rank, time, expected) in table {
        let standing = standing(sanctions.clone());
        let found = standing.sanction(session_id, rank, at(time)).map(|sanction| sanction.kind);
        assert_eq!(found, expected, "{sanctions:?} {session_id:?} {rank:?} {time}");
    }
}

#[test]
fn of_two_timeouts_the_longer_one_is_told() {
    let both = standing([
        sanction(SanctionKind::Timeout, Scope::All, Some(900)),
        sanction(SanctionKind::Timeout, Scope::Session(1), Some(500)),
    ]);
    assert_eq!(both.sanction(Some(1), Rank::Everybody, NOW).unwrap().until_ms, Some(900));
}

#[test]
fn a_new_sanction_replaces_its_like_and_a_ban_replaces_a_timeout() {
    use SanctionKind::{Ban, Timeout};
    let kinds = |standing: &Standing| standing.sanctions.iter().map(|one| one.kind).collect::<Vec<_>>();
    let timed_out = standing([sanction(Timeout, Scope::All, Some(500))]);
    assert_eq!(timed_out.clone().with(sanction(Timeout, Scope::All, Some(50)), NOW).sanctions[0].until_ms, Some(50));
    assert_eq!(kinds(&timed_out.clone().with(sanction(Ban, Scope::All, None), NOW)), [Ban]);
    assert_eq!(kinds(&timed_out.clone().with(sanction(Ban, Scope::Session(1), None), NOW)), [Timeout, Ban]);
    assert_eq!(kinds(&timed_out.with(sanction(Ban, Scope::Session(1), None), at(500))), [Ban], "ended ones go");
}

#[test]
fn a_shadow_ban_stands_beside_a_timeout_and_the_user_is_not_told_of_it() {
    use SanctionKind::{Ban, Shadow, Timeout};
    let kinds = |standing: &Standing| standing.sanctions.iter().map(|one| one.kind).collect::<Vec<_>>();
    let shadowed = standing([sanction(Shadow, Scope::Session(1), None)]);
    assert_eq!((shadowed.sanction(Some(1), Rank::Everybody, NOW), shadowed.told(NOW)), (None, 0));
    for (session_id, rank, is_shadowed) in [
        (Some(1), Rank::Everybody, true),
        (Some(2), Rank::Everybody, false),
        (None, Rank::Everybody, false),
        (Some(1), Rank::Moderator, false),
    ] {
        assert_eq!(shadowed.shadows(session_id, rank, NOW), is_shadowed, "{session_id:?} {rank:?}");
    }
    let both = shadowed.with(sanction(Timeout, Scope::Session(1), Some(500)), NOW);
    assert_eq!((kinds(&both), both.told(NOW)), (vec![Shadow, Timeout], 1));
    assert!(both.shadows(Some(1), Rank::Everybody, at(500)) && !both.is_banned(Some(1), NOW));
    let banned = both.with(sanction(Ban, Scope::Session(1), None), NOW);
    assert!(kinds(&banned) == [Ban] && banned.is_banned(Some(1), NOW) && !banned.is_banned(Some(2), NOW));
}

#[test]
fn nobody_lifts_the_sanction_of_a_higher_rank() {
    let mut by_host = sanction(SanctionKind::Ban, Scope::All, None);
    by_host.rank = Rank::Host;
    let banned = standing([by_host, sanction(SanctionKind::Timeout, Scope::Session(1), Some(500))]);
    let (after, has_lifted) = banned.clone().lifted(Scope::All, Rank::Moderator, NOW);
    assert_eq!((after.sanctions.len(), has_lifted), (1, true));
    assert!(!after.lifted(Scope::All, Rank::Moderator, NOW).1);
    let (after, has_lifted) = banned.clone().lifted(Scope::Session(1), Rank::Host, NOW);
    assert_eq!((after.sanctions.len(), has_lifted), (1, true));
    assert_eq!(banned.lifted(Scope::All, Rank::Host, NOW).0.sanctions, []);
}

#[test]
fn tokens_are_revoked_by_the_second_in_which_they_were_issued() {
    let standing = Standing { revoked_before: Some(100), ..Standing::default() };
    let caller = |iat: serde_json::Value| Caller::from_claims(&json!({"sub": "a", "exp": 999, "iat": iat})).unwrap();
    assert!(standing.revokes(&caller(json!(99))) && standing.revokes(&caller(json!(null))));
    assert!(!standing.revokes(&caller(json!(100))));
    assert!(!Standing::default().revokes(&caller(json!(null))));
}

#[test]
fn a_user_learns_what_holds_until_when_and_why_and_not_who_acted() {
    let explanation = Some("Calm down".to_owned());
    let timeout = Sanction { explanation, ..sanction(SanctionKind::Timeout, Scope::All, Some(1_500)) };
    let view = serde_json::to_value(timeout.view(&TimeZone::UTC, Some("https://example.org/appeal"))).unwrap();
    let expected = json!({"state": "timed_out", "until": "1970-01-01T00:00:02Z", "explanation": "Calm down", "automated": false,
        "reference": timeout.reference, "appeal_url": "https://example.org/appeal"});
    assert_eq!(view, expected);
    let ban = sanction(SanctionKind::Ban, Scope::All, None).view(&TimeZone::UTC, None);
    assert_eq!((ban.state, ban.until, ban.appeal_url), ("banned", None, None));
}

#[test]
fn a_standing_ends_with_its_last_sanction_if_nothing_else_keeps_it() {
    let timed_out = standing([
        sanction(SanctionKind::Timeout, Scope::All, Some(900)),
        sanction(SanctionKind::Timeout, Scope::Session(1), Some(500)),
    ]);
    assert_eq!(timed_out.ends_ms(), Some(900));
    assert_eq!(Standing { notes: 1, ..timed_out.clone() }.ends_ms(), None);
    assert_eq!(timed_out.with(sanction(SanctionKind::Ban, Scope::All, None), NOW).ends_ms(), None);
    assert_eq!(Standing::default().ends_ms(), Some(0));
}
