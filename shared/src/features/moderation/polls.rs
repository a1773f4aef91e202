//! Starting and closing polls: acts of those who announce (docs/contract.md, Polls).

use serde_json::json;

use super::plan::Plan;
use super::store_unfinished::Steps;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::hosted_id::HostedId;
use crate::domain::moderation::entry::Entry;
use crate::domain::moderation::fields::Fields;
use crate::domain::moderation::request::{Act, ActionRequest};
use crate::domain::poll::draft::PollDraft;
use crate::domain::poll::state::{MAX_OPEN, OpenPoll, Polls};
use crate::domain::poll::stored::Poll;
use crate::domain::poll::view::PollView;
use crate::domain::session::Session;
use crate::features::chat::Chat;
use crate::features::sessions::resolve::Addressed;

/// Tries of an act while others start or end polls at the same time.
const MAX_TRIES: usize = 20;

impl Chat {
    /// Starts a poll in a session.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] that names the field, [`ChatError::Conflict`] while three polls are open, [`ChatError::Forbidden`] for a
    /// sanctioned actor, [`ChatError::ChatNotActive`], [`ChatError::Unavailable`].
    pub async fn start_poll(
        &self,
        actor: &Caller,
        addressed: Addressed<'_>,
        body: &[u8],
    ) -> Result<PollView, ChatError> {
        let fields = Fields::parse(body)?;
        let draft = PollDraft::parse(&fields)?;
        let request = ActionRequest::with(Act::StartPoll, &fields)?;
        let session = self.session_to_read(addressed, actor).await?;
        let order = self.order_of(actor, &request, Some(session.id)).await?;
        if let Some(earlier) = self.earlier_act(&order, "").await? {
            return self.poll_of(actor, &earlier).await;
        }
        for _ in 0..MAX_TRIES {
            let session = self.read_session(session.id).await?;
            let polls = self.store.polls_of_room(session.id).await?;
            let poll = self.poll_to_start(&session, &polls, &draft)?;
            let mut plan = order.plan(None, self.clock.now());
            plan.entry.changes = Some(json!({ "poll_id": poll.id, "question": poll.question }));
            plan.entry.until_ms = Some(poll.ends_ms);
            let open = OpenPoll { number: poll.id.number(), ends_ms: poll.ends_ms };
            plan.rows = vec![self.store.replace_polls(&session, &polls.with_started(open))?];
            plan.rows.extend(self.store.start_poll(&session, &poll, self.clock.now())?);
            if let Some(entry) = self.carry_out(&plan, order.acted_key("")).await? {
                if !self.read_session(session.id).await?.is_open_at(self.clock.now()) {
                    // It has ended meanwhile. Its end may have found no poll yet.
                    self.end_polls(session.id).await?;
                }
                return self.poll_of(actor, &entry).await;
            }
        }
        Err(ChatError::unavailable("others keep changing the polls of this session"))
    }

    fn poll_to_start(&self, session: &Session, polls: &Polls, draft: &PollDraft) -> Result<Poll, ChatError> {
        let now = self.clock.now();
        if polls.closed || !session.is_open_at(now) {
            return Err(ChatError::session_over());
        }
        if polls.open.len() >= MAX_OPEN {
            return Err(ChatError::Conflict(format!("{MAX_OPEN} polls are open already: close one first")));
        }
        let number = polls.next_number();
        let number = number.ok_or_else(|| ChatError::Conflict("This session has had its last poll".to_owned()))?;
        // Clients see whole seconds.
        let ends_ms = ((now.as_millisecond() + 999).div_euclid(1000) + draft.seconds) * 1000;
        let session_ends_ms = session.end.map_or(i64::MAX, |end| end.as_millisecond());
        Ok(Poll {
            id: HostedId::new(session.id, number),
            question: draft.question.clone(),
            options: draft.options.clone(),
            ends_ms: ends_ms.min(session_ends_ms),
            hide_results: draft.hide_results,
            closed_ms: None,
            tally: None,
        })
    }

    /// Closes a poll. Its result is final when this returns. One that has ended stays as it is.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::InvalidRequest`] that names the field, [`ChatError::Forbidden`], [`ChatError::Unavailable`].
    pub async fn close_poll(&self, actor: &Caller, id: HostedId, body: &[u8]) -> Result<PollView, ChatError> {
        let fields = Fields::parse(body)?;
        let request = ActionRequest::with(Act::ClosePoll, &fields)?;
        let now = self.clock.now();
        actor.require_session(&self.session_with_id(id.session_id()).await?)?;
        let poll = self.store.poll(id, now).await?;
        let poll = poll.ok_or_else(|| ChatError::NotFound("There is no such poll".to_owned()))?;
        let order = self.order_of(actor, &request, Some(id.session_id())).await?;
        if self.earlier_act(&order, "").await?.is_some() {
            return self.poll(id, actor).await;
        }
        if poll.closed_ms.is_none() && poll.tally.is_none() {
            let mut plan: Plan = order.plan(None, now);
            plan.entry.changes = Some(json!({ "poll_id": id, "question": poll.question }));
            plan.rows = vec![self.store.close_poll(id, now)?];
            plan.steps = Steps { session_id: Some(id.session_id()), end_poll: Some(id), ..Steps::default() };
            // Unless somebody else has closed it meanwhile.
            self.carry_out(&plan, order.acted_key("")).await?;
        }
        self.end_poll(id).await?;
        self.poll(id, actor).await
    }

    /// The poll of an act.
    async fn poll_of(&self, actor: &Caller, entry: &Entry) -> Result<PollView, ChatError> {
        let id = entry.changes.as_ref().and_then(|changes| serde_json::from_value(changes["poll_id"].clone()).ok());
        let id = id.ok_or_else(ChatError::another_act)?;
        self.poll(id, actor).await
    }
}
