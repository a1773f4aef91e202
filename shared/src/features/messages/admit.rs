//! Admitting a send: the rate limit and the pace of its author.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::judge::Judged;
use crate::domain::broadcast::backpressure;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::ClientMessageId;
use crate::domain::moderation::held::HoldReason;
use crate::domain::moderation::refusal::RuleRefusal;
use crate::domain::session::Session;
use crate::domain::session::limits::OwnLimits;
use crate::features::chat::Chat;
use crate::features::messages::store_rate::{Admission, Admitted, SendAsk};
use crate::features::messages::store_receipts::Earlier;
use crate::platform::metrics::emf::Metric;

/// How long a duplicate waits for the send that is under way, besides its review, and how often it looks.
const DUPLICATE_TIMEOUT: Duration = Duration::from_millis(1000);
const DUPLICATE_POLLS: u32 = 40;

/// The outcome of asking to be admitted.
pub(super) enum Gate {
    /// The send may go on.
    Granted(Admittance),
    /// Another send with the same key has stored the message, or was denied, meanwhile.
    Duplicate(Earlier),
}

/// What a send holds that may go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Admittance {
    /// What it can withdraw; `None` if it shares its record with an earlier send, which may still be under way.
    admitted: Option<Admitted>,
    /// By what it was judged.
    judged: Judged,
}

impl Admittance {
    /// Why the message is held instead of stored, if it is.
    pub(super) fn hold(&self) -> Option<HoldReason> {
        self.judged.hold
    }

    /// By what the message was judged.
    pub(super) fn judged(&self) -> &Judged {
        &self.judged
    }
}

impl Chat {
    /// Asks the rate limit and the pace. A duplicate does not count: it waits for the receipt of the send that is under way. If that send
    /// does not finish, the duplicate goes on and counts instead of it, from now on.
    pub(super) async fn admit(
        &self,
        session: &Session,
        author: &Caller,
        key: Option<&ClientMessageId>,
        judged: Judged,
    ) -> Result<Gate, ChatError> {
        let short_key = key.map(|key| short_hash(session.id, key.as_str()));
        let ask = self.ask_of(author, short_key.as_deref(), &judged);
        if ask.asks_nothing() {
            return Ok(Gate::Granted(Admittance { admitted: None, judged }));
        }
        if let Some(admitted) = self.try_to_admit(session, author, &ask).await? {
            return Ok(Gate::Granted(Admittance { admitted: Some(admitted), judged }));
        }
        let Some(key) = key else {
            return Err(ChatError::unavailable("a send without a key was taken for a duplicate"));
        };
        let timeout = DUPLICATE_TIMEOUT + self.longest_review();
        for _ in 0..DUPLICATE_POLLS {
            if let Some(earlier) = self.store.earlier_send(session.id, &author.user_id, key).await? {
                return Ok(Gate::Duplicate(earlier));
            }
            tokio::time::sleep(timeout / DUPLICATE_POLLS).await;
        }
        let again = SendAsk { now: self.clock.now(), ..ask };
        let admission = self.store.admit_duplicate(again.clone()).await?;
        match self.admitted(session, author, &again, admission).await? {
            Some(_) => Ok(Gate::Granted(Admittance { admitted: None, judged })),
            None => Err(ChatError::unavailable("a duplicate did not replace its earlier sends")),
        }
    }

    /// Asks the rate limit for an event, which counts in it as a message does. No mode asks about it. A duplicate does not count: if it is
    /// under way, too, the receipt decides which of both is stored.
    pub(super) async fn admit_event(
        &self,
        session: &Session,
        sender: &Caller,
        key: Option<&ClientMessageId>,
        limits: OwnLimits,
    ) -> Result<Admittance, ChatError> {
        let judged = Judged::by_limits(limits);
        // No key of a message has a control character.
        let short_key = key.map(|key| short_hash(session.id, &format!("event\0{}", key.as_str())));
        let ask = self.ask_of(sender, short_key.as_deref(), &judged);
        let admitted = match ask.asks_nothing() {
            true => None,
            false => self.try_to_admit(session, sender, &ask).await?,
        };
        Ok(Admittance { admitted, judged })
    }

    /// Asks again by the rules in force, which are not those of before.
    pub(super) async fn admit_again(
        &self,
        session: &Session,
        author: &Caller,
        key: Option<&ClientMessageId>,
        before: Admittance,
        judged: Judged,
    ) -> Result<Admittance, ChatError> {
        if judged == before.judged {
            return Ok(before);
        }
        let short_key = key.map(|key| short_hash(session.id, key.as_str()));
        let mut ask = self.ask_of(author, short_key.as_deref(), &judged);
        match before.admitted {
            Some(admitted) => ask.nonce = admitted.nonce,
            // The earlier send counts for both.
            None => ask.limit = None,
        }
        if ask.asks_nothing() || self.try_to_admit(session, author, &ask).await?.is_some() {
            return Ok(Admittance { judged, ..before });
        }
        Err(ChatError::unavailable("a send was taken for its own duplicate"))
    }

    /// Refuses a send because the room cannot receive more messages in time. The attempt does not count.
    pub(super) async fn slow_down(&self, author: &Caller, admittance: Admittance) -> Result<ChatError, ChatError> {
        if let Some(admitted) = admittance.admitted {
            self.store.withdraw_send(&author.user_id, admitted).await?;
        }
        Ok(ChatError::RateLimited {
            detail: "The room is too large for so many messages: try again soon".to_owned(),
            retry_after: backpressure::retry_after(rand::random()),
        })
    }

    /// Lets the author of an admitted send that is refused after all write on without waiting. The send counts.
    pub(super) async fn let_write_on(&self, author: &Caller, admittance: &Admittance) -> Result<(), ChatError> {
        match admittance.admitted.filter(|_| !admittance.judged.pacing.is_free()) {
            Some(admitted) => Ok(self.store.withdraw_pace(&author.user_id, admitted).await?),
            None => Ok(()),
        }
    }

    fn ask_of<'a>(&self, author: &'a Caller, short_key: Option<&'a str>, judged: &Judged) -> SendAsk<'a> {
        let limit = judged.limits.messages_per_minute(self.config.limits.messages_per_minute);
        SendAsk {
            pacing: judged.pacing.clone(),
            refusal: judged.refusal.clone(),
            strikes: self.config.moderation.strikes,
            ..SendAsk::new(&author.user_id, limit, short_key, self.clock.now())
        }
    }

    /// Asks; `None` for a duplicate of a send that is under way.
    async fn try_to_admit(
        &self,
        session: &Session,
        author: &Caller,
        ask: &SendAsk<'_>,
    ) -> Result<Option<Admitted>, ChatError> {
        let admission = self.store.admit_send(ask.clone()).await?;
        self.admitted(session, author, ask, admission).await
    }

    async fn admitted(
        &self,
        session: &Session,
        author: &Caller,
        ask: &SendAsk<'_>,
        admission: Admission,
    ) -> Result<Option<Admitted>, ChatError> {
        match admission {
            Admission::Admitted(admitted) => Ok(Some(admitted)),
            Admission::Duplicate => Ok(None),
            Admission::Refused(retry_after) => {
                let limit = ask.limit.unwrap_or_default();
                Err(ChatError::RateLimited {
                    detail: format!("At most {limit} messages a minute are allowed"),
                    retry_after,
                })
            }
            Admission::Ruled { refusal, strikes_out } => {
                self.meter.add(metric_of(&refusal), 1);
                if let Some(strikes) = self.config.moderation.strikes.filter(|_| strikes_out) {
                    self.strike_out(session, author, strikes.timeout).await?;
                }
                Err(refusal.into())
            }
        }
    }
}

/// The metric that counts a refusal.
fn metric_of(refusal: &RuleRefusal) -> Metric {
    match refusal {
        RuleRefusal::StaffOnly => Metric::RefusedStaffOnly,
        RuleRefusal::MembersOnly => Metric::RefusedMembersOnly,
        RuleRefusal::AccountTooNew { .. } => Metric::RefusedAccountTooNew,
        RuleRefusal::SlowMode { .. } => Metric::RefusedSlowMode,
        RuleRefusal::EmojiOnly => Metric::RefusedEmojiOnly,
        RuleRefusal::RepeatedMessage => Metric::RefusedRepeatedMessage,
        RuleRefusal::LinkBlocked => Metric::RefusedLinkBlocked,
        RuleRefusal::TermBlocked { .. } => Metric::RefusedTermBlocked,
        RuleRefusal::ReviewDenied { .. } => Metric::ReviewsDenied,
    }
}

/// Identifies the key of a send within a user's last minute. It has 128 bits, so no client can find two keys with the same hash:
/// the second send would pass for a duplicate of the first.
fn short_hash(session_id: u64, key: &str) -> String {
    let hash = digest(&SHA256, format!("{session_id}#{key}").as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
}
