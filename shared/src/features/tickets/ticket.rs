//! Issuing and redeeming tickets.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::ticket::{LIFETIME, Ticket};
use crate::features::chat::Chat;
use crate::features::tickets::api::TicketResponse;
use crate::platform::token::has_expired;

impl Chat {
    /// Issues a ticket to a caller.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn issue_ticket(&self, holder: &Caller) -> Result<TicketResponse, ChatError> {
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
