//! What the handler is asked: the request of Amazon IVS Chat's message review handler.

use serde::Serialize;

use crate::domain::caller::Attributes;

/// A message that asks to be reviewed. The names are those of IVS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReviewRequest<'a> {
    /// The text, as the rules of the session leave it.
    pub content: &'a str,
    /// Opaque. It is the same whenever the same send is reviewed, and has nothing to do with the message's later number.
    pub message_id: String,
    /// The session, in the form of a room's ARN.
    pub room_arn: String,
    /// Always empty: a message has no attributes of its own here.
    pub attributes: Attributes,
    /// The author.
    pub sender: Sender<'a>,
}

/// The author of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Sender<'a> {
    /// The attributes of the author's token.
    pub attributes: &'a Attributes,
    /// The user id.
    pub user_id: &'a str,
    /// The address from which the message was sent; empty unless the operator asks for it.
    pub ip: &'a str,
}

/// A session in the form of a room's ARN, which handlers take apart. There is no such room in IVS.
pub fn room_arn(region: &str, account: Option<&str>, session_id: u64) -> String {
    let partition = match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    format!("arn:{partition}:ivschat:{region}:{}:room/{session_id}", account.unwrap_or("000000000000"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_request_has_every_field_of_ivs_even_if_nothing_is_known() {
        let attributes = Attributes::from([("team".to_owned(), "red".to_owned())]);
        let request = |attributes, ip| ReviewRequest {
            content: "hi",
            message_id: "id".to_owned(),
            room_arn: room_arn("eu-west-1", Some("123456789012"), 7),
            attributes: Attributes::new(),
            sender: Sender { attributes, user_id: "bob", ip },
        };
        let expected = |attributes, ip| {
            json!({"Content": "hi", "MessageId": "id", "RoomArn": "arn:aws:ivschat:eu-west-1:123456789012:room/7",
                "Attributes": {}, "Sender": {"Attributes": attributes, "UserId": "bob", "Ip": ip}})
        };
        let asked = serde_json::to_value(request(&attributes, "192.0.2.1")).unwrap();
        assert_eq!(asked, expected(json!({"team": "red"}), "192.0.2.1"));
        assert_eq!(serde_json::to_value(request(&Attributes::new(), "")).unwrap(), expected(json!({}), ""));
    }

    #[test]
    fn a_session_looks_like_a_room_of_the_functions_account_and_region() {
        for (region, account, arn) in [
            ("us-east-1", None, "arn:aws:ivschat:us-east-1:000000000000:room/7"),
            ("cn-north-1", Some("123456789012"), "arn:aws-cn:ivschat:cn-north-1:123456789012:room/7"),
            ("us-gov-west-1", None, "arn:aws-us-gov:ivschat:us-gov-west-1:000000000000:room/7"),
        ] {
            assert_eq!(room_arn(region, account, 7), arn);
        }
    }
}
