//! Issuing and redeeming tickets.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::ticket::{LIFETIME, Ticket};
use crate::features::chat::Chat;
use crate::features::standing::check::Deed;
use crate::features::tickets::api::TicketResponse;
use crate::platform::token::has_expired;

impl Chat {
    /// Issues a ticket to a caller. A ban in one session refuses it only if that session is named: a ticket is good for any.
    ///
    /// # Errors
    /// [`ChatError::Banned`], [`ChatError::Unavailable`].
    pub async fn issue_ticket(&self, session_id: Option<u64>, holder: &Caller) -> Result<TicketResponse, ChatError> {
        self.check_standing(session_id, holder, Deed::Connect).await?;
        let ticket = self.store.issue_ticket(holder, self.clock.now()).await?;
        Ok(TicketResponse { ticket: ticket.to_text(), expires_in: LIFETIME.as_secs() })
    }

    /// The caller to whom a ticket was issued. The ticket is used up even if the handshake is refused afterwards: otherwise a leaked
    /// ticket could be tried on one session after the other.
    ///
    /// # Errors
    /// [`ChatError::Unauthorized`] for a ticket that is unknown, used or expired, or whose token has expired since;
    /// [`ChatError::Unavailable`].
    pub async fn redeem_ticket(&self, ticket: &str, connection_id: &str) -> Result<Caller, ChatError> {
        let refusal = || ChatError::Unauthorized("This ticket is not valid: fetch a new one".to_owned());
        let ticket = Ticket::parse(ticket).ok_or_else(refusal)?;
        let now = self.clock.now();
        let holder = self.store.redeem_ticket(&ticket, connection_id, now).await?;
        holder.filter(|holder| !has_expired(holder.expires_at, now)).ok_or_else(refusal)
    }
}
