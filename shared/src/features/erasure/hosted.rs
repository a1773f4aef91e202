//! What the polls and draws of a session hold of a user: votes, places in lists of entrants, winners, and those who are not entered.

use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::draw::person::Person;
use crate::domain::draw::stored::Draw;
use crate::domain::hosted_id::{HostedId, MAX_NUMBER};
use crate::platform::dynamo::calls::text;
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, keys};

/// Draws of a query.
const DRAWS: i32 = 50;
/// Tries while others change the draws of the same room.
const MAX_TRIES: usize = 10;

impl Store {
    /// Erases the votes of a user in a session. An open poll counts them no more; the result of one that has ended stays.
    pub(super) async fn erase_votes(&self, user_id: &str, session_id: u64) -> Result<(), StoreError> {
        let numbers = self.sort_keys(&self.chat, &keys::polls(session_id), None).await?;
        for number in numbers.iter().filter_map(|number| number.parse().ok()) {
            self.withdraw_vote(HostedId::new(session_id, number), user_id).await?;
        }
        Ok(())
    }

    /// Erases a user from the draws of a session. Of an entrant the hash stays, which nobody can turn back into an id that cannot be guessed.
    pub(super) async fn erase_from_draws(
        &self,
        user_id: &str,
        session_id: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut before = MAX_NUMBER + 1;
        loop {
            let (draws, read_to) = self.draws_before(session_id, before, DRAWS, now).await?;
            for draw in &draws {
                self.erase_entrant(user_id, draw.id).await?;
                self.erase_from_draw(user_id, draw, now).await?;
            }
            match read_to {
                Some(read_to) => before = read_to,
                None => return Ok(()),
            }
        }
    }

    async fn erase_from_draw(&self, user_id: &str, draw: &Draw, now: Timestamp) -> Result<(), StoreError> {
        let Some(session) = self.session(draw.id.session_id(), now).await? else { return Ok(()) };
        for _ in 0..MAX_TRIES {
            let (draw, draws) = tokio::try_join!(self.draw(draw.id, now), self.draws_of_room(session.id))?;
            let Some(next) = draw.and_then(|draw| draw.without(user_id)) else { return Ok(()) };
            if self.change_draw(&session, &next, draws.with_changed(next.id.number()), now).await? {
                return Ok(());
            }
        }
        Err(StoreError::new("erasing a user from a draw", "others keep changing it"))
    }

    /// Erases a user from all lists of a draw, those that a freeze has left included.
    async fn erase_entrant(&self, user_id: &str, id: HostedId) -> Result<(), StoreError> {
        #[derive(Deserialize)]
        struct People {
            sk: String,
            people: Vec<Person>,
        }
        let pk = keys::entrant_people(id, "", 0).pk;
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :lists AND begins_with(sk, :people)")
            .expression_attribute_values(":lists", text(&pk))
            .expression_attribute_values(":people", text(keys::PEOPLE_PREFIX))
            .consistent_read(true);
        for part in self.query_all::<People>(query).await? {
            let Some(place) = part.people.iter().position(|person| person.user_id == user_id) else { continue };
            let update = self
                .client
                .update_item()
                .table_name(&self.chat)
                .set_key(Some(Key { pk: pk.clone(), sk: part.sk }.attributes()))
                .update_expression(format!("SET people[{place}].user_id = :nobody, people[{place}].username = :nobody"))
                .condition_expression(format!("people[{place}].user_id = :user"))
                .expression_attribute_values(":nobody", text(""))
                .expression_attribute_values(":user", text(user_id));
            self.update(update).await?;
        }
        Ok(())
    }
}
