//! A review handler of a few lines: it denies one word, masks another, holds a third and allows the rest.
//!
//! docs/review-handler.md explains the contract, which is that of Amazon IVS Chat.

use std::collections::BTreeMap;

use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

/// What the chat asks. A handler reads of it what it needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Message {
    /// The text.
    pub content: String,
    /// Who wrote it.
    pub sender: Sender,
}

/// Who wrote a message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Sender {
    /// The user id.
    pub user_id: String,
}

/// What becomes of a message.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Review {
    /// `ALLOW`, `DENY`, `HOLD` or `SHADOW`.
    pub review_result: &'static str,
    /// The text that is sent.
    pub content: String,
    /// With `DENY`, `Reason` reaches the author.
    pub attributes: BTreeMap<&'static str, String>,
}

/// A server that answers as the Lambda function would.
pub fn server() -> Router {
    Router::new().route("/", post(|Json(message)| async { Json(review(message)) }))
}

/// Reviews a message.
pub fn review(message: Message) -> Review {
    let lower = message.content.to_lowercase();
    let review = |review_result, content| Review { review_result, content, attributes: BTreeMap::new() };
    if lower.contains("casino") {
        let reason = "No advertising, please".to_owned();
        return Review { attributes: BTreeMap::from([("Reason", reason)]), ..review("DENY", message.content) };
    }
    if lower.contains("refund") {
        return review("HOLD", message.content);
    }
    let masked = message.content.replace("darn", "****");
    review("ALLOW", masked)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What the handler answers to a request as the chat makes it.
    fn answer(content: &str) -> Value {
        let request = json!({"Content": content, "MessageId": "id", "RoomArn": "arn:aws:ivschat:us-east-1:000000000000:room/1",
            "Attributes": {}, "Sender": {"Attributes": {}, "UserId": "bob", "Ip": ""}});
        serde_json::to_value(review(serde_json::from_value(request).unwrap())).unwrap()
    }

    #[test]
    fn one_word_is_denied_one_masked_one_held_and_the_rest_allowed() {
        for (content, expected) in [
            ("hi", json!({"ReviewResult": "ALLOW", "Content": "hi", "Attributes": {}})),
            ("darn it", json!({"ReviewResult": "ALLOW", "Content": "**** it", "Attributes": {}})),
            ("I want a Refund", json!({"ReviewResult": "HOLD", "Content": "I want a Refund", "Attributes": {}})),
            (
                "CASINO!",
                json!({"ReviewResult": "DENY", "Content": "CASINO!", "Attributes": {"Reason": "No advertising, please"}}),
            ),
        ] {
            assert_eq!(answer(content), expected);
        }
    }
}
