//! The caller of a request, built from the claims of a verified token.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::number;
use crate::domain::text::display_name::DisplayName;
use crate::domain::text::{label, picture};

/// In bytes. User ids are part of sort keys, which DynamoDB limits to 1,024 bytes.
const MAX_USER_ID: usize = 255;
/// In characters. A longer badge is dropped.
pub const MAX_BADGE: usize = 50;
/// The claims that may bring a display name; the first of them with anything to see does.
const NAMES: [&str; 3] = ["name", "preferred_username", "username"];

/// A verified caller. Only the verifier builds one from a token. A socket's row keeps it for later frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether `capabilities` holds `uncounted`: the caller is no viewer. Older rows lack the attribute, and so do those of viewers.
    #[serde(default, rename = "uncounted", skip_serializing_if = "std::ops::Not::not")]
    pub is_uncounted: bool,
    /// The claim `exp`, in seconds since 1970.
    pub expires_at: i64,
}

impl Caller {
    /// Reads the claims of a token whose signature and times were checked. A display claim of the wrong type counts as absent.
    ///
    /// # Errors
    /// A sentence that names the claim, if `sub` or `exp` is missing or unusable, or if `capabilities` is no array.
    pub fn from_claims(claims: &Value) -> Result<Caller, String> {
        let user_id = parse_user_id(&claims["sub"])?;
        let expires_at = parse_numeric_date(&claims["exp"]).ok_or("The token has no usable exp")?;
        let has_role = |role: &str| claims["roles"].as_array().is_some_and(|roles| roles.iter().any(|r| r == role));
        let capabilities = match claims.get("capabilities") {
            None => &[],
            // What a token may do must not depend on a guess.
            Some(claim) => claim.as_array().ok_or("The token's capabilities are not an array")?.as_slice(),
        };
        Ok(Caller {
            username: display_name(claims, &user_id).into_string(),
            profile_pic: claims["picture"].as_str().and_then(picture::address),
            badge: claims["badge"].as_str().and_then(parse_badge),
            is_host: has_role("host"),
            is_moderator: has_role("moderator"),
            is_uncounted: capabilities.iter().any(|capability| capability == "uncounted"),
            expires_at,
            user_id,
        })
    }

    /// Whether the caller holds a winner's badge.
    pub fn is_winner(&self) -> bool {
        matches!(self.badge.as_deref(), Some("gold" | "silver" | "bronze"))
    }

    /// Whether the caller is a host or a moderator.
    pub fn is_staff(&self) -> bool {
        self.is_host || self.is_moderator
    }

    /// Whether the caller may delete this author's messages.
    pub fn may_delete_message_of(&self, author: &str) -> bool {
        self.is_staff() || self.user_id == author
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

/// Never a name of `email`: everybody would read it.
fn display_name(claims: &Value, user_id: &str) -> DisplayName {
    let named = NAMES.iter().find_map(|claim| DisplayName::parse(claims[*claim].as_str()?));
    named.unwrap_or_else(|| DisplayName::of_nameless(user_id))
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
    fn capabilities_are_an_array_whose_unknown_members_are_ignored() {
        let with =
            |capabilities: Value| Caller::from_claims(&json!({"sub": "a", "exp": 1, "capabilities": capabilities}));
        for (capabilities, is_uncounted) in [
            (json!([]), false),
            (json!(["uncounted"]), true),
            (json!(["read", "uncounted", 7, null, "later"]), true),
            (json!(["Uncounted", ["uncounted"]]), false),
        ] {
            assert_eq!(with(capabilities.clone()).unwrap().is_uncounted, is_uncounted, "{capabilities}");
        }
        for capabilities in [json!("uncounted"), json!(null), json!(true), json!({"uncounted": true})] {
            assert!(with(capabilities.clone()).is_err(), "{capabilities}");
        }
        assert!(!caller(json!({"sub": "a", "exp": 1})).is_uncounted);
    }

    #[test]
    fn rows_of_callers_are_read_by_older_and_newer_versions() {
        let viewer = caller(json!({"sub": "a", "exp": 1, "name": "Ann"}));
        let written_before = r#"{"user_id":"a","username":"Ann","profile_pic":null,"badge":null,"is_host":false,"is_moderator":false,"expires_at":1}"#;
        assert_eq!(serde_json::to_string(&viewer).unwrap(), written_before);
        assert_eq!(serde_json::from_str::<Caller>(written_before).unwrap(), viewer);
        let bot = caller(json!({"sub": "a", "exp": 1, "name": "Ann", "capabilities": ["uncounted"]}));
        let row = serde_json::to_string(&bot).unwrap();
        assert_eq!(serde_json::from_str::<Caller>(&row).unwrap(), bot);
    }

    #[test]
    fn a_name_is_cut_and_cleaned() {
        let claims = json!({"sub": "a", "exp": 1, "name": format!(" {}\u{0}{} ", "x".repeat(60), "é".repeat(60))});
        assert_eq!(caller(claims).username, format!("{}{}", "x".repeat(60), "é".repeat(40)));
    }
}
