//! The caller of a request, built from the claims of a verified token.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub mod attributes;
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
use crate::domain::session::room::RoomName;
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
    /// The address from which the caller came, if the review handler is to know it. No claim says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
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

    /// The names of all capabilities of a caller who has more than a viewer: may announce, moderate, manage or audit.
    pub fn capabilities_of_staff(&self) -> Option<Vec<&'static str>> {
        let is_staffs = |one: &Capability| !one.comes_with(Rank::Everybody) && *one != Capability::Uncounted;
        let held: Vec<_> = Capability::all().filter(|one| self.may(*one)).collect();
        held.iter().any(is_staffs).then(|| held.iter().map(|one| one.name()).collect())
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

    /// Demands that the token is good in all sessions of a room.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`].
    pub fn require_room(&self, room: &RoomName) -> Result<(), ChatError> {
        match &self.sessions {
            Some(names) if !names.iter().any(|name| name == room.as_str()) => {
                Err(ChatError::Forbidden("The token is limited to other sessions".to_owned()))
            }
            _ => Ok(()),
        }
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
mod tests;
