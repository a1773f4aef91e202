//! The sessions that a token is limited to (docs/contract.md, Who may do what).

use serde_json::Value;

use crate::domain::number;
use crate::domain::session::Session;

/// Reads the claim `sessions`: ids, as numbers or digits, and names of rooms. `None` if there is no such claim. Other members
/// name nothing, so they open nothing.
///
/// # Errors
/// A sentence if the claim is no array: where a token is good must not depend on a guess.
pub(super) fn parse_sessions(claim: Option<&Value>) -> Result<Option<Vec<String>>, String> {
    let Some(claim) = claim else { return Ok(None) };
    let members = claim.as_array().ok_or("The token's sessions are not an array")?;
    let name = |member: &Value| match member.as_str() {
        Some(text) => Some(without_leading_zeros(text).to_owned()),
        None => number::whole_of(member).map(|id| id.to_string()),
    };
    Ok(Some(members.iter().filter_map(name).collect()))
}

/// A number in digits as ids are written; any other text as it is.
fn without_leading_zeros(text: &str) -> &str {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.trim_start_matches('0') } else { text }
}

/// Whether the names of [`parse_sessions`] hold a session.
pub(super) fn holds(names: &[String], session: &Session) -> bool {
    names.iter().any(|name| name == session.room.as_str() || *name == session.id.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_session_is_named_by_its_id_or_its_room() {
        for (claim, is_held) in [
            (json!([7]), true),
            (json!(["7"]), true),
            (json!([7.0]), true),
            (json!(["007"]), true),
            (json!(["main"]), true),
            (json!([1, "other", "main"]), true),
            (json!([]), false),
            (json!([70, -7, "77", "Main", "main ", "Draw Chat", "7 ", "+7", "0", ""]), false),
            (json!([null, true, [7], {"id": 7}, 7.5, 1e300]), false),
        ] {
            let names = parse_sessions(Some(&claim)).unwrap().expect("a claim");
            assert_eq!(holds(&names, &Session::example(7)), is_held, "{claim}");
        }
        assert_eq!(parse_sessions(None), Ok(None));
    }

    #[test]
    fn a_claim_that_is_no_array_is_refused() {
        for claim in [json!(7), json!("7"), json!(null), json!(true), json!({"0": 7})] {
            assert!(parse_sessions(Some(&claim)).is_err(), "{claim}");
        }
    }
}
