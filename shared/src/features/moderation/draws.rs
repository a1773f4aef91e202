//! Starting, revealing and repeating draws: acts of those who announce (docs/contract.md, Draws).

use serde_json::json;

use super::plan::Order;
use super::store_unfinished::Steps;
use crate::domain::caller::Caller;
use crate::domain::draw::permutation::{Seed, permuted};
use crate::domain::draw::person::Person;
use crate::domain::draw::stored::{Asked, Draw};
use crate::domain::draw::view::{DrawView, MAX_WINNERS, State};
use crate::domain::error::ChatError;
use crate::domain::hosted_id::HostedId;
use crate::domain::moderation::entry::Entry;
use crate::domain::moderation::fields::{Fields, invalid};
use crate::domain::moderation::request::{Act, ActionRequest};
use crate::features::chat::Chat;
use crate::features::sessions::resolve::Addressed;

/// Tries of an act while others change the draws at the same time.
const MAX_TRIES: usize = 20;

impl Chat {
    /// Starts a draw in a session: publishes the commitment to its seed, and then freezes the list of entrants.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] that names the field, [`ChatError::NotFound`] for a poll, [`ChatError::Conflict`] if nobody can win,
    /// [`ChatError::Forbidden`] for a sanctioned actor, [`ChatError::ChatNotActive`], [`ChatError::Unavailable`].
    pub async fn start_draw(
        &self,
        actor: &Caller,
        addressed: Addressed<'_>,
        body: &[u8],
    ) -> Result<DrawView, ChatError> {
        let fields = Fields::parse(body)?;
        let asked = Asked::parse(&fields)?;
        let request = ActionRequest::with(Act::StartDraw, &fields)?;
        let session = self.session_to_write(addressed, actor).await?;
        let order = self.order_of(actor, &request, Some(session.id)).await?;
        if let Some(earlier) = self.earlier_act(&order, "").await? {
            return self.frozen_draw(&earlier).await;
        }
        if let Some(poll_id) = asked.poll_id {
            let poll = self.store.poll(poll_id, self.clock.now()).await?;
            let poll = poll
                .filter(|poll| poll.id.session_id() == session.id)
                .ok_or_else(|| ChatError::NotFound("This session has no such poll".to_owned()))?;
            // The number of entrants would tell the number of votes.
            if poll.is_hidden() {
                return Err(ChatError::Conflict("The results of this poll are hidden until it has ended".to_owned()));
            }
        }
        for _ in 0..MAX_TRIES {
            let now = self.clock.now();
            let draws = self.store.draws_of_room(session.id).await?.with_started();
            let draws = draws.ok_or_else(|| ChatError::Conflict("This session has had its last draw".to_owned()))?;
            let draw = Draw {
                id: HostedId::new(session.id, draws.started),
                version: 1,
                asked: asked.clone(),
                seed: Seed::new(rand::random()),
                frozen: None,
                cancelled: false,
                winners: None,
                redraws: 0,
            };
            let mut plan = order.plan(None, now);
            let changes = json!({ "draw_id": draw.id, "prize": asked.prize, "among": asked.among });
            plan.entry.changes = Some(changes);
            plan.rows = self.store.replace_draw(&session, &draw, draws, now)?;
            plan.steps = Steps { session_id: Some(session.id), freeze_draw: Some(draw.id), ..Steps::default() };
            if let Some(entry) = self.carry_out(&plan, order.acted_key("")).await? {
                return self.frozen_draw(&entry).await;
            }
        }
        Err(ChatError::unavailable("others keep changing the draws of this session"))
    }

    /// Publishes the seed and the winners of a draw. One that is revealed stays as it is.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Conflict`] while it has no list of entrants, [`ChatError::Forbidden`],
    /// [`ChatError::InvalidRequest`], [`ChatError::Unavailable`].
    pub async fn reveal_draw(&self, actor: &Caller, id: HostedId, body: &[u8]) -> Result<DrawView, ChatError> {
        let fields = Fields::parse(body)?;
        let request = ActionRequest::with(Act::RevealDraw, &fields)?;
        let order = self.order_on_draw(actor, &request, id).await?;
        self.draw_winners(&order, id, |draw| match draw.state() {
            State::Revealed => Ok(None),
            State::Frozen => Ok(Some(draw.asked.winners_wanted)),
            State::Freezing | State::Cancelled => Err(no_list()),
        })
        .await
    }

    /// Publishes the next winner of the same order.
    ///
    /// # Errors
    /// [`ChatError::Conflict`] if the draw is not revealed or has nobody left, and those of [`Chat::reveal_draw`].
    pub async fn redraw(&self, actor: &Caller, id: HostedId, body: &[u8]) -> Result<DrawView, ChatError> {
        let fields = Fields::parse(body)?;
        let request = ActionRequest::with(Act::Redraw, &fields)?;
        if request.reason.is_none() {
            return Err(invalid("reason is missing".to_owned()));
        }
        let order = self.order_on_draw(actor, &request, id).await?;
        if self.earlier_act(&order, "").await?.is_some() {
            return Ok(self.draw_to_read(id, actor).await?.view());
        }
        self.draw_winners(&order, id, |draw| {
            let winners = draw.winners.as_ref().map(Vec::len);
            let winners = winners.ok_or_else(|| ChatError::Conflict("The draw is not revealed yet".to_owned()))?;
            let entrants = draw.frozen.as_ref().map_or(0, |frozen| frozen.entrants);
            if winners as u64 >= entrants {
                return Err(ChatError::Conflict("Everybody who was entered has won".to_owned()));
            }
            if winners >= MAX_WINNERS {
                return Err(ChatError::Conflict(format!("A draw has at most {MAX_WINNERS} winners")));
            }
            Ok(Some(winners as u64 + 1))
        })
        .await
    }

    /// Publishes as many winners as `wanted` says, of the draw as it stands; `None` leaves it as it is.
    async fn draw_winners(
        &self,
        order: &Order<'_>,
        id: HostedId,
        wanted: impl Fn(&Draw) -> Result<Option<u64>, ChatError>,
    ) -> Result<DrawView, ChatError> {
        for _ in 0..MAX_TRIES {
            let now = self.clock.now();
            let draw = self.draw_to_read(id, order.actor).await?;
            let Some(wanted) = wanted(&draw)? else { return Ok(draw.view()) };
            let frozen = draw.frozen.as_ref().ok_or_else(no_list)?;
            let winners: Vec<Person> = permuted(&draw.seed, self.store.entrants(id, frozen).await?)
                .into_iter()
                .take(usize::try_from(wanted).unwrap_or(MAX_WINNERS))
                .collect();
            let mut plan = order.plan(None, now);
            plan.entry.changes = Some(json!({ "draw_id": id, "prize": draw.asked.prize }));
            let redraws = draw.redraws + u64::from(draw.winners.is_some());
            let next = Draw { version: draw.version + 1, winners: Some(winners), redraws, ..draw };
            let session = self.session_with_id(id.session_id()).await?;
            let draws = self.store.draws_of_room(session.id).await?.with_changed(id.number());
            plan.rows = self.store.replace_draw(&session, &next, draws, now)?;
            if self.carry_out(&plan, order.acted_key("")).await?.is_some() {
                return Ok(self.draw_to_read(id, order.actor).await?.view());
            }
        }
        Err(ChatError::unavailable("others keep changing the draws of this session"))
    }

    /// The order of an act on a draw that the actor's token reaches.
    async fn order_on_draw<'a>(
        &self,
        actor: &'a Caller,
        request: &'a ActionRequest,
        id: HostedId,
    ) -> Result<Order<'a>, ChatError> {
        self.draw_to_read(id, actor).await?;
        self.order_of(actor, request, Some(id.session_id())).await
    }

    /// The draw that an act has started, whose list is frozen.
    async fn frozen_draw(&self, entry: &Entry) -> Result<DrawView, ChatError> {
        let id = entry.changes.as_ref().and_then(|changes| serde_json::from_value(changes["draw_id"].clone()).ok());
        let id: HostedId = id.ok_or_else(ChatError::another_act)?;
        let draw = self.store.draw(id, self.clock.now()).await?;
        let draw = draw.ok_or_else(|| ChatError::NotFound("There is no such draw".to_owned()))?;
        match draw.state() {
            State::Cancelled => Err(ChatError::Conflict("There is nobody to win: the draw has no entrants".to_owned())),
            State::Freezing => Err(ChatError::unavailable("a list of entrants is not frozen")),
            State::Frozen | State::Revealed => Ok(draw.view()),
        }
    }
}

fn no_list() -> ChatError {
    ChatError::Conflict("The draw has no list of entrants".to_owned())
}
