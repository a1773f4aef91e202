//! Whether the standing of a caller allows what the caller is about to do.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::moderation::standing::{Sanction, SanctionKind, Standing};
use crate::domain::moderation::standing_view::StandingView;
use crate::features::chat::Chat;

/// What a caller is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Send, react or report.
    TakePart,
    /// Open a socket.
    Connect,
    /// Read over REST.
    Read,
    /// Act or announce as staff.
    Moderate,
}

impl Deed {
    fn is_forbidden_by(self, kind: SanctionKind) -> bool {
        match (self, kind) {
            (Deed::TakePart | Deed::Connect | Deed::Read, SanctionKind::Shadow) => false,
            (Deed::Read, _) | (Deed::Connect, SanctionKind::Timeout) => false,
            (Deed::TakePart | Deed::Connect | Deed::Moderate, _) => true,
        }
    }
}

impl Chat {
    /// Reads the standing of a caller, and refuses what it forbids. What was acknowledged before this begins is in force.
    ///
    /// # Errors
    /// [`ChatError::Banned`], [`ChatError::TimedOut`], [`ChatError::Unauthorized`] for a revoked token, and [`ChatError::Unavailable`] if
    /// the standing cannot be read: that is never a pass.
    pub async fn check_standing(
        &self,
        session_id: Option<u64>,
        caller: &Caller,
        deed: Deed,
    ) -> Result<Standing, ChatError> {
        let standing = self.standing(&caller.user_id).await?;
        self.judge_standing(&standing, session_id, caller, deed)?;
        Ok(standing)
    }

    /// Refuses what a standing forbids.
    ///
    /// # Errors
    /// Those of [`Chat::check_standing`], but for `Unavailable`.
    pub fn judge_standing(
        &self,
        standing: &Standing,
        session_id: Option<u64>,
        caller: &Caller,
        deed: Deed,
    ) -> Result<(), ChatError> {
        if standing.revokes(caller) {
            return Err(ChatError::Unauthorized("This token was revoked: fetch a new one".to_owned()));
        }
        let (rank, now) = (caller.rank(), self.clock.now());
        if deed.is_forbidden_by(SanctionKind::Shadow) && standing.shadows(session_id, rank, now) {
            return Err(ChatError::Forbidden("This user may not act as staff now".to_owned()));
        }
        let sanction = standing.sanction(session_id, rank, now);
        let Some(sanction) = sanction.filter(|sanction| deed.is_forbidden_by(sanction.kind)) else { return Ok(()) };
        let view = Box::new(self.standing_view(sanction));
        Err(match sanction.kind {
            SanctionKind::Timeout => ChatError::TimedOut(view),
            // `Standing::sanction` answers no shadow ban.
            SanctionKind::Ban | SanctionKind::Shadow => ChatError::Banned(view),
        })
    }

    /// What holds of a caller in a session, as far as the caller is told (docs/contract.md, Moderation). Without a session, only what holds
    /// in all of them counts.
    pub fn told_standing(&self, standing: &Standing, session_id: Option<u64>, caller: &Caller) -> Option<StandingView> {
        let sanction = standing.sanction(session_id, caller.rank(), self.clock.now());
        sanction.map(|sanction| self.standing_view(sanction))
    }

    /// A sanction, as its user sees it.
    pub(crate) fn standing_view(&self, sanction: &Sanction) -> StandingView {
        sanction.view(&self.config.sessions.zone, self.config.moderation.appeal_url.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_leaves_reading_and_a_timeout_leaves_the_socket_and_a_shadow_ban_all_but_the_work_of_staff() {
        use SanctionKind::{Ban, Shadow, Timeout};
        for (deed, forbidden) in [
            (Deed::TakePart, [true, true, false]),
            (Deed::Connect, [true, false, false]),
            (Deed::Read, [false, false, false]),
            (Deed::Moderate, [true, true, true]),
        ] {
            assert_eq!([Ban, Timeout, Shadow].map(|kind| deed.is_forbidden_by(kind)), forbidden, "{deed:?}");
        }
    }
}
