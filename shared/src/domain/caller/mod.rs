//! The caller of a request, built from the claims of a verified token.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod attributes;
mod capability;
mod claim_map;
mod rank;
mod reach;

pub use self::attributes::{Attributes, are_attributes};
pub use self::capability::{Capabilities, Capability};
pub use self::claim_map::{ClaimMap, ClaimPointer, Role};
pub use self::rank::Rank;
use crate::domain::error::ChatError;
use crate::domain::number;
use crate::domain::session::Session;
use crate::domain::text::{label, picture};

/// In bytes. User ids are part of sort keys, which DynamoDB limits to 1,024 bytes.
const MAX_USER_ID: usize = 255;
/// In characters. A longer badge is dropped.
pub const MAX_BADGE: usize = 50;
/// The claim `aud` of tokens of the customer's servers (docs/contract.md, Who may do what).
pub const SERVICE_AUDIENCE: &str = "live-chat-service";

/// A verified caller. Only the verifier builds one from a token. Rows of sockets and tickets keep it for later, so each field that plain
/// viewers lack stays out of their rows, and older and newer versions read each other's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The claim `sub`, as a string.
    pub user_id: String,
    /// The display name.
    pub username: String,
    /// The claim `picture`.
    pub profile_pic: Option<String>,
    /// The claim `badge`.
    pub badge: Option<String>,
    /// Whether `roles` holds `host`.
    pub is_host: bool,
    /// Whether `roles` holds `moderator`.
    pub is_moderator: bool,
    /// Whether `roles` holds `member`.
    #[serde(default, rename = "member", skip_serializing_if = "std::ops::Not::not")]
    pub is_member: bool,
    /// Whether the token is one of the customer's servers.
    #[serde(default, rename = "service", skip_serializing_if = "std::ops::Not::not")]
    pub is_service: bool,
    /// Whether the caller is no viewer: it holds [`Capability::Uncounted`], or is a service.
    #[serde(default, rename = "uncounted", skip_serializing_if = "std::ops::Not::not")]
    pub is_uncounted: bool,
    /// The claim `capabilities`.
    #[serde(default, skip_serializing_if = "Capabilities::are_those_of_the_roles")]
    pub capabilities: Capabilities,
    /// The claim `sessions`: the ids and rooms that the token is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Vec<String>>,
    /// The claim `attributes`, which the user's messages carry.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: Attributes,
    /// The claim `account_created`, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_created: Option<i64>,
    /// The claim `iat`, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<i64>,
    /// The claim `exp`, in seconds since 1970.
    pub expires_at: i64,
}

impl Caller {
    /// Reads the claims of a token of a user, with the names of docs/contract.md.
    ///
    /// # Errors
    /// Those of [`Caller::from_mapped_claims`].
    pub fn from_claims(claims: &Value) -> Result<Caller, String> {
        Caller::from_mapped_claims(claims, &ClaimMap::default())
    }

    /// Reads the claims of a token of a user whose signature and times were checked. A display claim of the wrong type counts as absent.
    ///
    /// # Errors
    /// A sentence that names the claim, if `sub` or `exp` is missing or unusable, or if `capabilities` or `sessions` is no array.
    pub fn from_mapped_claims(claims: &Value, map: &ClaimMap) -> Result<Caller, String> {
        let user_id = parse_user_id(&claims["sub"])?;
        let expires_at = parse_numeric_date(&claims["exp"]).ok_or("The token has no usable exp")?;
        let caller = Caller {
            username: map.display_name(claims, &user_id).into_string(),
            profile_pic: claims["picture"].as_str().and_then(picture::address),
            badge: claims["badge"].as_str().and_then(parse_badge),
            is_host: map.has_role(claims, Role::Host),
            is_moderator: map.has_role(claims, Role::Moderator),
            is_member: map.has_role(claims, Role::Member),
            capabilities: Capabilities::of_claim(claims.get("capabilities"))?,
            sessions: reach::parse_sessions(claims.get("sessions"))?,
            attributes: attributes::parse_attributes(&claims["attributes"]),
            account_created: parse_moment(&claims["account_created"]),
            issued_at: parse_numeric_date(&claims["iat"]),
            expires_at,
            user_id,
            ..Caller::default()
        };
        Ok(Caller { is_uncounted: caller.has(Capability::Uncounted), ..caller })
    }

    /// The caller as one of the customer's servers, which is never a viewer.
    #[must_use]
    pub fn into_service(self) -> Caller {
        Caller { is_service: true, is_uncounted: true, ..self }
    }

    /// Whether the caller has a capability.
    pub fn may(&self, capability: Capability) -> bool {
        match capability {
            Capability::Uncounted => self.is_uncounted,
            _ => self.has(capability),
        }
    }

    /// Demands a capability.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`] that names it.
    pub fn require(&self, capability: Capability) -> Result<(), ChatError> {
        self.require_any(&[capability])
    }

    /// Demands one of these capabilities; none if the list is empty.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`] that names them.
    pub fn require_any(&self, capabilities: &[Capability]) -> Result<(), ChatError> {
        if capabilities.is_empty() || capabilities.iter().any(|capability| self.may(*capability)) {
            return Ok(());
        }
        let names: Vec<&str> = capabilities.iter().map(|capability| capability.name()).collect();
        Err(ChatError::Forbidden(format!("The token lacks the capability {}", names.join(" or "))))
    }

    /// Demands that the token is good in a session.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`].
    pub fn require_session(&self, session: &Session) -> Result<(), ChatError> {
        let is_elsewhere = self.sessions.as_ref().is_some_and(|names| !reach::holds(names, session));
        if is_elsewhere {
            return Err(ChatError::Forbidden("The token is limited to other sessions".to_owned()));
        }
        Ok(())
    }

    /// Demands a token for all sessions, as acts do that reach beyond one.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`].
    pub fn require_all_sessions(&self) -> Result<(), ChatError> {
        match self.sessions {
            Some(_) => Err(ChatError::Forbidden("The token is limited to some sessions".to_owned())),
            None => Ok(()),
        }
    }

    /// The caller's rank.
    pub fn rank(&self) -> Rank {
        match self.rank_of_roles() {
            Rank::Everybody if self.may(Capability::Moderate) || self.may(Capability::Manage) => Rank::Moderator,
            rank => rank,
        }
    }

    /// Whether the caller holds a winner's badge.
    pub fn is_winner(&self) -> bool {
        matches!(self.badge.as_deref(), Some("gold" | "silver" | "bronze"))
    }

    /// Whether the caller may moderate.
    pub fn is_staff(&self) -> bool {
        self.may(Capability::Moderate)
    }

    /// Whether the caller reads what staff read.
    pub fn reads_as_staff(&self) -> bool {
        self.is_staff() || self.may(Capability::Audit)
    }

    /// Whether the caller may delete this author's messages.
    pub fn may_delete_message_of(&self, author: &str) -> bool {
        self.is_staff() || (self.user_id == author && self.may(Capability::Send))
    }

    fn has(&self, capability: Capability) -> bool {
        self.capabilities.hold(capability, self.rank_of_roles())
    }

    fn rank_of_roles(&self) -> Rank {
        match (self.is_service, self.is_host, self.is_moderator) {
            (true, _, _) => Rank::Service,
            (_, true, _) => Rank::Host,
            (_, _, true) => Rank::Moderator,
            _ => Rank::Everybody,
        }
    }
}

/// Reads a user id: a text, or a whole number, which becomes its decimal digits.
///
/// # Errors
/// A sentence that names the rule.
pub fn parse_user_id(sub: &Value) -> Result<String, String> {
    let whole = || number::whole_of(sub).map(|number| number.to_string());
    let user_id = sub.as_str().map(str::to_owned).or_else(whole).ok_or("The token has no usable sub")?;
    if user_id.is_empty() || user_id.len() > MAX_USER_ID {
        return Err(format!("The token's sub must have 1 to {MAX_USER_ID} bytes"));
    }
    Ok(user_id)
}

/// Reads a badge, cleaned as a name is; `None` if there is nothing to see, or more than 50 characters.
pub fn parse_badge(text: &str) -> Option<String> {
    label(text).filter(|badge| badge.chars().count() <= MAX_BADGE)
}

/// Reads a NumericDate (RFC 7519, section 2): seconds since 1970. A fraction is dropped.
pub fn parse_numeric_date(claim: &Value) -> Option<i64> {
    claim.as_i64().or_else(|| claim.as_f64().filter(|seconds| seconds.abs() < 1e15).map(|seconds| seconds as i64))
}

/// A NumericDate, or a text as RFC 3339 writes it, in seconds since 1970.
fn parse_moment(claim: &Value) -> Option<i64> {
    let text = claim.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    text.map(Timestamp::as_second).or_else(|| parse_numeric_date(claim))
}

#[cfg(test)]
mod tests {
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
}
