//! Asking the handler about a message: after the words, and before the number.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::time::Instant;

use crate::domain::caller::{Attributes, Caller};
use crate::domain::message::Draft;
use crate::domain::moderation::review::ReviewVerdict;
use crate::domain::moderation::review::request::{ReviewRequest, Sender};
use crate::domain::session::Session;
use crate::features::chat::Chat;
use crate::features::review::reviewer::NoVerdict;
use crate::platform::metrics::emf::Metric;

impl Chat {
    /// What the operator's handler says about a message, whose text is as the rules of the session leave it. Without a handler, each
    /// message passes at no cost. While the handler fails, the fallback of the settings is the verdict.
    pub async fn review(&self, session: &Session, author: &Caller, draft: &Draft) -> ReviewVerdict {
        let Some(reviewer) = &self.reviewer else { return ReviewVerdict::PASS };
        let (now, begun) = (self.clock.now(), Instant::now());
        let request = ReviewRequest {
            content: draft.text.as_str(),
            message_id: review_id(session.id, author, draft),
            room_arn: reviewer.room_arn(session.id),
            attributes: Attributes::new(),
            sender: Sender {
                attributes: &author.attributes,
                user_id: &author.user_id,
                ip: author.ip.as_deref().unwrap_or_default(),
            },
        };
        let max_length = self.config.limits.max_message_length;
        let outcome = reviewer.ask(&request, draft, author, max_length, now).await;
        if !matches!(outcome, Err(NoVerdict::NotAsked)) {
            self.meter.sample(Metric::ReviewLatency, begun.elapsed().as_millis() as u64);
        }
        match outcome {
            Ok(verdict) => {
                self.meter.add(metric(&verdict), 1);
                verdict
            }
            Err(failure) => {
                self.meter.add(Metric::ReviewFailures, 1);
                tracing::warn!(error = %failure, "the review handler said nothing about a message");
                self.config.moderation.review.fallback.verdict()
            }
        }
    }

    /// The time that the review of a message may take; none without a handler.
    pub fn longest_review(&self) -> Duration {
        if self.reviewer.is_some() { self.config.moderation.review.timeout } else { Duration::ZERO }
    }
}

fn metric(verdict: &ReviewVerdict) -> Metric {
    match verdict {
        ReviewVerdict::Allow { .. } => Metric::ReviewsAllowed,
        ReviewVerdict::Deny { .. } => Metric::ReviewsDenied,
        ReviewVerdict::Hold => Metric::ReviewsHeld,
        ReviewVerdict::Shadow => Metric::ReviewsShadowed,
    }
}

/// The id under which the handler hears of a message, which has no number yet. It follows from the `client_message_id`, so a handler that
/// is asked twice about one send, after a lost answer, sees that.
fn review_id(session_id: u64, author: &Caller, draft: &Draft) -> String {
    let id: [u8; 16] = match &draft.client_message_id {
        Some(key) => {
            let user_id = &author.user_id;
            let send = format!("review#{session_id}#{}#{user_id}#{}", user_id.len(), key.as_str());
            let hash = digest(&SHA256, send.as_bytes());
            std::array::from_fn(|nth| hash.as_ref()[nth])
        }
        None => rand::random(),
    };
    URL_SAFE_NO_PAD.encode(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::ClientMessageId;
    use crate::domain::text::message_text::MessageText;

    #[test]
    fn an_id_is_of_one_send_and_stays_with_its_key() {
        let id = |session_id, user_id: &str, key: Option<&str>| {
            let author = Caller { user_id: user_id.to_owned(), ..Caller::default() };
            let client_message_id = key.map(|key| ClientMessageId::parse(key).unwrap());
            let draft = Draft::new(MessageText::parse("hi", 10).unwrap(), client_message_id);
            review_id(session_id, &author, &draft)
        };
        assert_eq!(id(1, "bob", Some("k")), id(1, "bob", Some("k")));
        let others = [id(2, "bob", Some("k")), id(1, "bo", Some("b#k")), id(1, "bob", Some("l")), id(1, "bob", None)];
        for (nth, other) in others.iter().enumerate() {
            assert_ne!(*other, id(1, "bob", Some("k")));
            assert!(!others[..nth].contains(other));
        }
        assert_ne!(id(1, "bob", None), id(1, "bob", None));
    }
}
