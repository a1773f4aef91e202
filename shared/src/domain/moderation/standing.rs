//! The standing of a user: the sanctions that hold, and the tokens that are revoked (docs/contract.md, Moderation).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::action_id::ActionId;
use super::standing_view::StandingView;
use crate::domain::caller::{Caller, Rank};
use crate::domain::time;

/// A kind of sanction. The stronger comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SanctionKind {
    /// No send, no reaction, no report, no socket.
    Ban,
    /// No send, no reaction, no report until it ends.
    Timeout,
    /// Nobody but the user and staff sees what the user writes. The user is told nothing.
    Shadow,
}

impl SanctionKind {
    /// Whether a sanction of this kind takes the place of another one.
    fn replaces(self, known: SanctionKind) -> bool {
        self == known || self == SanctionKind::Ban
    }

    /// What its user is then, on the wire.
    pub fn state(self) -> &'static str {
        match self {
            SanctionKind::Ban => "banned",
            SanctionKind::Timeout => "timed_out",
            SanctionKind::Shadow => "shadow_banned",
        }
    }
}

/// Where a sanction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In all sessions.
    All,
    /// In one session.
    Session(u64),
}

impl Scope {
    fn covers(self, session_id: u64) -> bool {
        self == Scope::All || self == Scope::Session(session_id)
    }
}

/// A sanction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanction {
    /// What it forbids.
    pub kind: SanctionKind,
    /// Where.
    pub scope: Scope,
    /// Its end, in milliseconds since 1970; `None` if it has none.
    pub until_ms: Option<i64>,
    /// The rank of the actor: it binds tokens below that rank, and no others.
    pub rank: Rank,
    /// The act that imposed it.
    pub reference: ActionId,
    /// What the user is told.
    pub explanation: Option<String>,
    /// Whether a rule imposed it, and nobody in person.
    #[serde(default)]
    pub automated: bool,
}

impl Sanction {
    /// The sanction as its user sees it. A shadow ban is shown to staff alone.
    pub fn view(&self, zone: &TimeZone, appeal_url: Option<&str>) -> StandingView {
        StandingView {
            state: self.kind.state(),
            until: self.until_ms.map(|until_ms| time::to_the_second(time::full_second(until_ms), zone)),
            explanation: self.explanation.clone(),
            automated: self.automated,
            reference: self.reference.clone(),
            appeal_url: appeal_url.map(str::to_owned),
        }
    }

    /// Whether its time is over.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.until_ms.is_some_and(|until_ms| until_ms <= now.as_millisecond())
    }
}

/// The standing of a user, over all sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Grows with each change; 0 before the first.
    pub version: u64,
    /// Those that were imposed and not lifted. Some may have ended.
    pub sanctions: Vec<Sanction>,
    /// Tokens that were issued earlier are revoked: in whole seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_before: Option<i64>,
    /// The number of notes about the user.
    #[serde(default)]
    pub notes: u64,
}

impl Standing {
    /// The strongest sanction that binds a caller of this rank in a session and that the caller knows of. Without a session, only those
    /// that hold in all of them count.
    pub fn sanction(&self, session_id: Option<u64>, rank: Rank, now: Timestamp) -> Option<&Sanction> {
        // Of equal kinds, the one that ends last.
        let order = |sanction: &&Sanction| (sanction.kind, -i128::from(sanction.until_ms.unwrap_or(i64::MAX)));
        let binding = self.binding(session_id, rank, now);
        binding.filter(|sanction| sanction.kind != SanctionKind::Shadow).min_by_key(order)
    }

    /// Whether a ban holds of a user without a rank.
    pub fn is_banned(&self, session_id: Option<u64>, now: Timestamp) -> bool {
        let strongest = self.sanction(session_id, Rank::Everybody, now);
        strongest.is_some_and(|sanction| sanction.kind == SanctionKind::Ban)
    }

    /// Whether messages of a caller of this rank in a session are shadowed.
    pub fn shadows(&self, session_id: Option<u64>, rank: Rank, now: Timestamp) -> bool {
        self.binding(session_id, rank, now).any(|sanction| sanction.kind == SanctionKind::Shadow)
    }

    fn binding(&self, session_id: Option<u64>, rank: Rank, now: Timestamp) -> impl Iterator<Item = &Sanction> {
        self.sanctions.iter().filter(move |sanction| {
            let covers = session_id.map_or(sanction.scope == Scope::All, |id| sanction.scope.covers(id));
            covers && rank < sanction.rank && !sanction.has_ended(now)
        })
    }

    /// The sanctions that have not ended.
    pub fn holding(&self, now: Timestamp) -> impl Iterator<Item = &Sanction> {
        self.sanctions.iter().filter(move |sanction| !sanction.has_ended(now))
    }

    /// The number of sanctions that have not ended and that the user is told of.
    pub fn told(&self, now: Timestamp) -> usize {
        self.holding(now).filter(|sanction| sanction.kind != SanctionKind::Shadow).count()
    }

    /// Whether a caller's token is revoked. A token that does not say when it was issued is, once any is.
    pub fn revokes(&self, caller: &Caller) -> bool {
        self.revoked_before.is_some_and(|before| caller.issued_at.is_none_or(|issued_at| issued_at < before))
    }

    /// The standing with another sanction. It replaces one of the same kind in the same place. A ban replaces all others there.
    pub fn with(mut self, sanction: Sanction, now: Timestamp) -> Standing {
        self.sanctions.retain(|known| {
            let is_replaced = known.scope == sanction.scope && sanction.kind.replaces(known.kind);
            !is_replaced && !known.has_ended(now)
        });
        self.sanctions.push(sanction);
        self
    }

    /// The standing without the sanctions that an actor of this rank may lift in this place, and whether there were any that held.
    pub fn lifted(mut self, scope: Scope, actor: Rank, now: Timestamp) -> (Standing, bool) {
        let mut has_lifted = false;
        self.sanctions.retain(|known| {
            let is_lifted = (scope == Scope::All || known.scope == scope) && known.rank <= actor;
            has_lifted |= is_lifted && !known.has_ended(now);
            !is_lifted && !known.has_ended(now)
        });
        (self, has_lifted)
    }

    /// The acts whose sanctions another standing no longer has.
    pub fn dropped_by(&self, next: &Standing) -> Vec<ActionId> {
        let has = |sanction: &&Sanction| next.sanctions.iter().any(|other| other.reference == sanction.reference);
        let dropped = self.sanctions.iter().filter(|sanction| !has(sanction));
        dropped.map(|sanction| sanction.reference.clone()).collect()
    }

    /// The sanction that an act imposed, if it was not lifted or replaced.
    pub fn imposed_by(&self, act: &ActionId) -> Option<&Sanction> {
        self.sanctions.iter().find(|sanction| sanction.reference == *act)
    }

    /// The time after which nothing of it holds any more, in milliseconds since 1970; `None` if some of it holds for ever.
    pub fn ends_ms(&self) -> Option<i64> {
        if self.revoked_before.is_some() || self.notes > 0 {
            return None;
        }
        self.sanctions.iter().map(|sanction| sanction.until_ms).try_fold(0, |last, until_ms| Some(last.max(until_ms?)))
    }
}

#[cfg(test)]
mod tests;
