//! Voting: one vote a user, which may be changed while the poll is open (docs/contract.md, Polls).

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::hosted_id::HostedId;
use crate::domain::moderation::fields::{Fields, whole};
use crate::domain::poll::draft::MAX_OPTIONS;
use crate::features::chat::Chat;
use crate::features::polls::api::VoteResponse;
use crate::features::polls::store_votes::VoteOutcome;
use crate::features::sessions::resolve::Addressed;
use crate::features::standing::check::Deed;

/// Tries of a vote while the same user votes elsewhere.
const MAX_TRIES: usize = 10;

/// Reads the body of a vote.
///
/// # Errors
/// [`ChatError::InvalidRequest`] with a sentence that names the field.
pub fn parse_option(body: &[u8]) -> Result<usize, ChatError> {
    let option = whole("option", Fields::parse(body)?.required("option")?, 0..=MAX_OPTIONS as i64 - 1)?;
    Ok(usize::try_from(option).unwrap_or_default())
}

impl Chat {
    /// Votes for an option of a poll.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] for a poll, [`ChatError::InvalidRequest`] for an option that it does not have, [`ChatError::Conflict`] once it
    /// has ended, [`ChatError::ChatNotActive`] if its session has, [`ChatError::Banned`], [`ChatError::TimedOut`],
    /// [`ChatError::Forbidden`] if the token is limited to other sessions, [`ChatError::Unavailable`].
    pub async fn vote(&self, id: HostedId, voter: &Caller, option: usize) -> Result<VoteResponse, ChatError> {
        let session_id = id.session_id().to_string();
        let session = self.session_to_write(Addressed::by_id(&session_id), voter).await;
        let session = session.map_err(|error| match error {
            ChatError::NotFound(_) => no_such_poll(),
            other => other,
        })?;
        self.check_standing(Some(session.id), voter, Deed::TakePart).await?;
        // Most vote once.
        let mut before = None;
        for _ in 0..MAX_TRIES {
            match self.store.vote(&session, id, voter, (option, before), self.clock.now()).await? {
                VoteOutcome::Counted => return Ok(answer("Vote counted", id, option, false)),
                VoteOutcome::Changed => return Ok(answer("Vote changed", id, option, false)),
                VoteOutcome::NoSuchPoll => return Err(no_such_poll()),
                VoteOutcome::NoSuchOption => {
                    return Err(ChatError::InvalidRequest("option must be the id of an option of the poll".to_owned()));
                }
                VoteOutcome::Ended => return Err(ChatError::Conflict("The poll takes no more votes".to_owned())),
                VoteOutcome::Moved => before = self.store.vote_of(id, &voter.user_id).await?,
            }
            if before == Some(option) {
                return Ok(answer("Vote unchanged", id, option, true));
            }
        }
        Err(ChatError::unavailable("the same user keeps voting"))
    }
}

fn answer(message: &'static str, poll_id: HostedId, my_vote: usize, already_voted: bool) -> VoteResponse {
    VoteResponse { message, poll_id, my_vote, already_voted }
}

pub(super) fn no_such_poll() -> ChatError {
    ChatError::NotFound("There is no such poll".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_a_number_from_0_to_9() {
        for (body, option) in [
            (r#"{"option":0}"#, Some(0)),
            (r#"{"option":9.0}"#, Some(9)),
            (r#"{"option":10}"#, None),
            (r#"{"option":-1}"#, None),
            (r#"{"option":"0"}"#, None),
            (r#"{"option":null}"#, None),
            ("{}", None),
            ("0", None),
        ] {
            assert_eq!(parse_option(body.as_bytes()).ok(), option, "{body}");
        }
    }
}
