//! Tickets: a row holds the caller to whom a ticket was issued, under a hash of the ticket. A reader of the table, or of a copy, cannot
//! redeem it.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::caller::Caller;
use crate::domain::ticket::{LIFETIME, TICKET_BYTES, Ticket};
use crate::platform::dynamo::calls::{WriteOutcome, item_of, number, parse, text};
use crate::platform::dynamo::{Store, StoreError, keys};

#[derive(Serialize, Deserialize)]
struct TicketRow {
    holder: Caller,
    issued_ms: i64,
    expires_at: i64,
}

impl Store {
    /// Issues a ticket to a caller.
    pub async fn issue_ticket(&self, holder: &Caller, now: Timestamp) -> Result<Ticket, StoreError> {
        let mut bytes = [0; TICKET_BYTES];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|error| StoreError::new("making a ticket", error))?;
        let ticket = Ticket::from_bytes(bytes);
        let row = TicketRow {
            holder: holder.clone(),
            issued_ms: now.as_millisecond(),
            // Rounded up, so that DynamoDB never deletes a valid ticket.
            expires_at: now.as_second() + LIFETIME.as_secs() + 1,
        };
        let put = self.client.put_item().table_name(&self.connections);
        self.put(put.set_item(Some(item_of(&keys::ticket(&ticket), row)))).await?;
        Ok(ticket)
    }

    /// Redeems a ticket for a connection; `None` if it is unknown, expired or redeemed already. One conditional write decides, so of any
    /// number of connections with the same ticket one gets in. The write names the connection, so that the SDK may retry it after a
    /// lost response.
    pub async fn redeem_ticket(
        &self,
        ticket: &Ticket,
        connection_id: &str,
        now: Timestamp,
    ) -> Result<Option<Caller>, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::ticket(ticket).attributes()))
            .update_expression("SET redeemed_by = :connection")
            // A missing row has no `issued_ms`, so the condition also keeps the update from creating one.
            .condition_expression(
                "issued_ms > :expired AND (attribute_not_exists(redeemed_by) OR redeemed_by = :connection)",
            )
            .expression_attribute_values(":connection", text(connection_id))
            .expression_attribute_values(":expired", number((now - LIFETIME).as_millisecond()))
            .return_values(ReturnValue::AllNew);
        match self.update(update).await? {
            WriteOutcome::Done(row) => Ok(Some(parse::<TicketRow>(row)?.holder)),
            WriteOutcome::Refused(_) => Ok(None),
        }
    }
}
