//! What a host asks for: the body of `POST /live-chat/draws`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::stored::{Among, Asked};
use crate::domain::caller::parse_user_id;
use crate::domain::error::ChatError;
use crate::domain::hosted_id::HostedId;
use crate::domain::moderation::fields::{Fields, invalid, whole};
use crate::domain::number;
use crate::domain::text::message_text::MessageText;

/// In characters.
pub const MAX_PRIZE: usize = 200;
/// How many may win.
const WINNERS: std::ops::RangeInclusive<i64> = 1..=10;
/// Users who may be left out.
const MAX_EXCLUDED: usize = 1_000;

impl Asked {
    /// Reads the fields of a body.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the field.
    pub fn parse(fields: &Fields) -> Result<Asked, ChatError> {
        let prize = fields.required("prize")?.as_str().and_then(|text| MessageText::parse(text, MAX_PRIZE).ok());
        let prize = prize.ok_or_else(|| invalid(format!("prize must be a text of 1 to {MAX_PRIZE} characters")))?;
        let among = match fields.required("among")?.as_str() {
            Some("viewers") => Among::Viewers,
            Some("senders") => Among::Senders,
            Some("voters") => Among::Voters,
            _ => return Err(invalid("among must be viewers, senders or voters".to_owned())),
        };
        let poll_id = fields.get("poll_id").map(poll_id).transpose()?;
        if poll_id.is_some() != (among == Among::Voters) {
            return Err(invalid("poll_id names the poll of voters, and belongs to them alone".to_owned()));
        }
        Ok(Asked {
            prize: prize.as_str().to_owned(),
            winners_wanted: whole("winners", fields.required("winners")?, WINNERS)?.unsigned_abs(),
            among,
            poll_id,
            exclude: fields.get("exclude").map(exclude).transpose()?.unwrap_or_default(),
        })
    }
}

fn poll_id(value: &Value) -> Result<HostedId, ChatError> {
    let id = number::whole_of(value).map(|id| id.to_string());
    let id = id.ok_or_else(|| invalid("poll_id must be the id of a poll".to_owned()))?;
    HostedId::parse("poll", &id)
}

fn exclude(value: &Value) -> Result<Vec<String>, ChatError> {
    let refusal = || invalid(format!("exclude must be an array of at most {MAX_EXCLUDED} ids of users"));
    let values = value.as_array().filter(|values| values.len() <= MAX_EXCLUDED).ok_or_else(refusal)?;
    let ids: Result<BTreeSet<String>, _> = values.iter().map(parse_user_id).collect();
    Ok(ids.map_err(|_| refusal())?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: &Value) -> Result<Asked, ChatError> {
        Asked::parse(&Fields::parse(body.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn fields_are_read_by_value() {
        let body = json!({"prize": " A cup ", "winners": 2.0, "among": "voters", "poll_id": 10001, "exclude": ["b", "a", "b", 7]});
        let asked = parse(&body).unwrap();
        assert_eq!((asked.prize.as_str(), asked.winners_wanted, asked.among), ("A cup", 2, Among::Voters));
        assert_eq!((asked.poll_id, asked.exclude.join(" ")), (Some(HostedId::new(1, 1)), "7 a b".to_owned()));
    }

    #[test]
    fn a_refusal_names_the_field() {
        for (field, value) in [
            ("prize", json!("")),
            ("prize", json!("x".repeat(201))),
            ("prize", json!(7)),
            ("winners", json!(0)),
            ("winners", json!(11)),
            ("winners", json!("1")),
            ("among", json!("everybody")),
            ("among", json!(null)),
            ("poll_id", json!(10_001)),
            ("exclude", json!("ann")),
            ("exclude", json!([""])),
            ("exclude", json!(vec!["x"; 1_001])),
        ] {
            let mut body = json!({"prize": "A cup", "winners": 1, "among": "viewers"});
            body[field] = value.clone();
            let refusal = parse(&body).unwrap_err();
            assert_eq!(refusal.code(), "invalid_request", "{field} {value}");
            assert!(refusal.to_string().contains(field), "{field} {value}: {refusal}");
        }
        assert!(parse(&json!({"prize": "A cup", "winners": 1, "among": "voters"})).is_err(), "of which poll?");
    }
}
