//! Where the claims of an identity provider stand: Cognito, Auth0 and Keycloak have roles and names in places of their own.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::text::display_name::DisplayName;

/// The claims that may bring a display name; the first of them with anything to see does.
const NAMES: [&str; 3] = ["name", "preferred_username", "username"];

/// A role that the chat knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `host`.
    Host,
    /// `moderator`.
    Moderator,
    /// `member`, which a session for members only asks for.
    Member,
}

impl Role {
    /// The role with this name.
    pub fn of_name(name: &str) -> Option<Role> {
        match name {
            "host" => Some(Role::Host),
            "moderator" => Some(Role::Moderator),
            "member" => Some(Role::Member),
            _ => None,
        }
    }
}

/// A JSON pointer (RFC 6901) to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPointer(String);

impl ClaimPointer {
    /// Reads a pointer; `None` unless it begins with `/`, and each `~` in it with `~0` or `~1`.
    pub fn parse(text: &str) -> Option<ClaimPointer> {
        let is_escaped = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        (text.starts_with('/') && is_escaped).then(|| ClaimPointer(text.to_owned()))
    }

    fn of<'a>(&self, claims: &'a Value) -> Option<&'a Value> {
        claims.pointer(&self.0)
    }
}

/// Where the claims stand, and what they mean. By default they are those of docs/contract.md.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimMap {
    /// `JWT_ROLES_CLAIM`, instead of `roles`.
    pub roles: Option<ClaimPointer>,
    /// `JWT_NAME_CLAIM`, instead of `name`, `preferred_username` and `username`.
    pub name: Option<ClaimPointer>,
    /// `JWT_ROLE_MAP`: the provider's names of roles. A name that is not in it means itself.
    pub role_of: BTreeMap<String, Role>,
}

impl ClaimMap {
    /// Whether the claims bring a role.
    pub(super) fn has_role(&self, claims: &Value, role: Role) -> bool {
        let members = self.roles.as_ref().map_or_else(|| claims.get("roles"), |pointer| pointer.of(claims));
        let mut names = members.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        names.any(|name| self.role_of.get(name).copied().or_else(|| Role::of_name(name)) == Some(role))
    }

    /// The display name. Never one of `email` by default, nor of any claim but the configured one: everybody would read it.
    pub(super) fn display_name(&self, claims: &Value, user_id: &str) -> DisplayName {
        let parse = |claim: &Value| DisplayName::parse(claim.as_str()?);
        let named = match &self.name {
            Some(pointer) => pointer.of(claims).and_then(parse),
            None => NAMES.iter().find_map(|claim| parse(&claims[*claim])),
        };
        named.unwrap_or_else(|| DisplayName::of_nameless(user_id))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_begins_with_a_slash_and_is_escaped() {
        for text in ["/roles", "/realm_access/roles", "/https:~1~1example.org~1roles", "/cognito:groups", "/a~0b", "/"]
        {
            assert!(ClaimPointer::parse(text).is_some(), "{text}");
        }
        for text in ["", "roles", "/a~b", "/a~", "#/roles", "$.roles"] {
            assert!(ClaimPointer::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_mapped_name_means_its_role_and_another_one_itself() {
        let map = ClaimMap {
            role_of: BTreeMap::from([("chat-mods".to_owned(), Role::Moderator), ("host".to_owned(), Role::Member)]),
            ..ClaimMap::default()
        };
        let roles = |names: Value| {
            let claims = json!({"roles": names});
            [Role::Host, Role::Moderator, Role::Member].map(|role| map.has_role(&claims, role))
        };
        assert_eq!(roles(json!(["chat-mods"])), [false, true, false]);
        assert_eq!(roles(json!(["moderator", "others"])), [false, true, false]);
        assert_eq!(roles(json!(["host"])), [false, false, true], "a mapped name no longer means itself");
        assert_eq!(roles(json!("chat-mods")), [false; 3]);
    }

    #[test]
    fn a_configured_claim_is_the_only_one_for_names() {
        let map = ClaimMap { name: ClaimPointer::parse("/profile/nick"), ..ClaimMap::default() };
        let name = |claims: Value| map.display_name(&claims, "7").into_string();
        assert_eq!(name(json!({"name": "Ann Smith", "profile": {"nick": "ann"}})), "ann");
        assert_eq!(name(json!({"name": "Ann Smith", "profile": {}})), "User-790269");
    }
}
