//! The states that a room is kept up to date with, beside new messages: one variant for each.
//!
//! A new state of the broadcast needs a variant here, a row, a frame, its description in `docs/asyncapi.yaml` and a case in the client
//! (CONTRIBUTING.md, "A state of the broadcast"). Coalescing, wake-ups, the cursor, lagging sockets and lost wake-ups follow from
//! the methods of [`Topic`].

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::broadcast::coalesce;
use crate::domain::draw;
use crate::domain::draw::state::Draws;
use crate::domain::hosted_id::HostedId;
use crate::domain::message::MessageId;
use crate::domain::pins::{self, Pins};
use crate::domain::poll;
use crate::domain::poll::state::Polls;
use crate::domain::poll::view::PollView;
use crate::domain::reactions::state::{self as reactions, ReactionsState};
use crate::domain::session::Head;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::features::messages::store_hidden::Visibility;
use crate::features::polls::store::CountedPoll;
use crate::platform::dynamo::StoreError;
use crate::platform::dynamo::changed_row::ChangedRow;

/// A state that the room receives in its current version. Within a flush, topics come in the order of the variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A message was deleted.
    Deletion(MessageId),
    /// A message was hidden, or a hidden or deleted one is back.
    Visibility(MessageId),
    /// A message's likes.
    MessageLikes(MessageId),
    /// The pinned messages.
    Pins,
    /// The polls: those that are open, and those that ended last.
    Polls,
    /// The newest draw.
    Draws,
    /// The session's likes.
    Likes,
    /// The session's reactions.
    Reactions,
    /// The number of viewers.
    Viewers,
}

/// Reads the topics that this version knows. A later version may have written others, and the rest of its row still counts.
pub(super) fn known_topics<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Topic>, D::Error> {
    let topics = Vec::<serde_json::Value>::deserialize(deserializer)?;
    Ok(topics.into_iter().filter_map(|topic| serde_json::from_value(topic).ok()).collect())
}

/// The state in an image of a changed row, whatever its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowState {
    /// Whether the row is a deleted or hidden message.
    pub deleted: bool,
    /// Whether it is a hidden one.
    pub hidden: bool,
    /// The likes of a message.
    pub likes: u64,
}

impl Topic {
    /// The states of a session. The cursor notes their last flushed values, and a socket that has caught up receives all of them.
    pub const STATES: [Topic; 6] =
        [Topic::Pins, Topic::Polls, Topic::Draws, Topic::Likes, Topic::Reactions, Topic::Viewers];

    /// The topic of a changed row. `before` is `None` if the row is new.
    pub fn of_row(row: &ChangedRow, before: Option<RowState>, after: RowState) -> Option<Topic> {
        match (row, before) {
            (ChangedRow::Message(id), before) if after.deleted && !before.is_some_and(|before| before.deleted) => {
                Some(if after.hidden { Topic::Visibility(*id) } else { Topic::Deletion(*id) })
            }
            (ChangedRow::Message(id), Some(before)) if before.deleted && !after.deleted => Some(Topic::Visibility(*id)),
            (ChangedRow::Message(id), Some(before)) if after.likes != before.likes => Some(Topic::MessageLikes(*id)),
            (ChangedRow::State(_, name), _) if name == pins::STATE => Some(Topic::Pins),
            (ChangedRow::State(_, name), _) if name == poll::state::STATE => Some(Topic::Polls),
            (ChangedRow::State(_, name), _) if name == draw::state::STATE => Some(Topic::Draws),
            (ChangedRow::Votes(_), _) => Some(Topic::Polls),
            (ChangedRow::Likes(_), _) => Some(Topic::Likes),
            (ChangedRow::Reactions(_), _) => Some(Topic::Reactions),
            (ChangedRow::Viewers(_), _) => Some(Topic::Viewers),
            _ => None,
        }
    }

    /// The name under which the cursor notes the last flush. Topics of one name share an interval. A topic without a name is always
    /// due.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Topic::Deletion(_) | Topic::Visibility(_) => None,
            Topic::MessageLikes(_) | Topic::Likes => Some("likes"),
            Topic::Pins => Some(pins::STATE),
            Topic::Polls => Some(poll::state::STATE),
            Topic::Draws => Some(draw::state::STATE),
            Topic::Reactions => Some(reactions::STATE),
            Topic::Viewers => Some("viewers"),
        }
    }

    /// The shortest time between two flushes to a room of this size (docs/contract.md, Counters).
    pub fn interval(self, sockets: usize) -> Duration {
        match self {
            // Staff change pins and draws a few times an evening.
            Topic::Deletion(_) | Topic::Visibility(_) | Topic::Pins | Topic::Draws => Duration::ZERO,
            Topic::MessageLikes(_) | Topic::Likes | Topic::Reactions | Topic::Polls => {
                coalesce::likes_interval(sockets)
            }
            Topic::Viewers => coalesce::viewers_interval(sockets),
        }
    }

    /// The earlier message that changed.
    pub fn about(self) -> Option<MessageId> {
        match self {
            Topic::Deletion(id) | Topic::Visibility(id) | Topic::MessageLikes(id) => Some(id),
            Topic::Pins | Topic::Polls | Topic::Draws | Topic::Likes | Topic::Reactions | Topic::Viewers => None,
        }
    }

    /// The message that may have left the room.
    pub fn takes(self) -> Option<MessageId> {
        match self {
            Topic::Deletion(id) | Topic::Visibility(id) => Some(id),
            Topic::MessageLikes(_)
            | Topic::Pins
            | Topic::Polls
            | Topic::Draws
            | Topic::Likes
            | Topic::Reactions
            | Topic::Viewers => None,
        }
    }

    /// The value of a state in the session's head.
    pub fn value(self, head: &Head) -> Option<u64> {
        match self {
            Topic::Pins => Pins::of(head).map(|pins| pins.version),
            Topic::Draws => Draws::of(head).map(|draws| draws.version),
            Topic::Polls => Polls::of(head).map(|polls| polls.version),
            Topic::Likes => Some(head.total_likes),
            Topic::Reactions => ReactionsState::of(head).map(|state| state.sum),
            Topic::Viewers => Some(head.viewer_count),
            Topic::Deletion(_) | Topic::Visibility(_) | Topic::MessageLikes(_) => None,
        }
    }

    /// Reads the current frames: one for each poll, and one of each other topic. There is none if the message whose likes changed was deleted,
    /// or if the session is gone (no `head`). `told` is the value of a state that its receiver knows; 0 if it may know nothing.
    pub async fn read(
        self,
        chat: &Chat,
        head: Option<&Head>,
        told: u64,
        now: Timestamp,
    ) -> Result<Vec<ServerFrame<'static>>, StoreError> {
        let (store, zone, offered) = (&chat.store, &chat.config.sessions.zone, &chat.config.sessions.reactions);
        let frame = match self {
            // The row may have changed again meanwhile, and a wake-up may come twice: its state says what is true.
            Topic::Deletion(message_id) | Topic::Visibility(message_id) => {
                match store.visibility(message_id, now).await? {
                    Visibility::Gone => Some(ServerFrame::MessageDeleted { message_id }),
                    Visibility::Standing(message) | Visibility::Back(message) => {
                        Some(ServerFrame::MessageRestored { message: Box::new(message.to_wire(zone)) })
                    }
                }
            }
            Topic::MessageLikes(message_id) => {
                let message = store.message(message_id, now).await?;
                message.map(|message| ServerFrame::MessageLikeUpdate { message_id, likes: message.likes() })
            }
            Topic::Pins => match head.and_then(Pins::of) {
                Some(pins) => {
                    let (pins, pins_version) = (Box::pin(store.pins_view(&pins, now, zone)).await?, pins.version);
                    Some(ServerFrame::PinsUpdate { pins, pins_version })
                }
                None => None,
            },
            Topic::Polls => {
                let Some((head, polls)) = head.and_then(|head| Some((head, Polls::of(head)?))) else {
                    return Ok(Vec::new());
                };
                let counted = store.polls_to_tell(head, &polls, told, now).boxed().await?;
                let frame = |CountedPoll { poll, votes }: CountedPoll| ServerFrame::PollUpdate {
                    poll: PollView::of(&poll, &votes, now, zone),
                    polls_version: polls.version,
                };
                return Ok(counted.into_iter().map(frame).collect());
            }
            Topic::Draws => match head.and_then(|head| Some((head.session.id, Draws::of(head)?))) {
                Some((session_id, draws)) => {
                    let number = draws.told().unwrap_or_default();
                    let draw = store.draw(HostedId::new(session_id, number), now).await?;
                    draw.map(|draw| ServerFrame::DrawUpdate { draw: draw.view(), draw_version: draws.version })
                }
                None => None,
            },
            Topic::Likes => head.map(|head| ServerFrame::SessionLikeUpdate { total_likes: head.total_likes }),
            Topic::Reactions => head.and_then(ReactionsState::of).map(|state| ServerFrame::Reactions {
                counts: state.counts_of(offered),
                totals: state.totals_of(offered),
            }),
            Topic::Viewers => head.map(|head| ServerFrame::ViewerCountUpdate { viewer_count: head.viewer_count }),
        };
        Ok(frame.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_row_is_of_at_most_one_topic() {
        let id = MessageId::new(1, 2);
        let (row, fresh) = (ChangedRow::Message(id), RowState::default());
        let (liked, deleted) = (RowState { likes: 1, ..fresh }, RowState { deleted: true, ..fresh });
        let hidden = RowState { hidden: true, ..deleted };
        assert_eq!(Topic::of_row(&row, None, fresh), None, "a new message is not a topic");
        assert_eq!(Topic::of_row(&row, Some(fresh), liked), Some(Topic::MessageLikes(id)));
        assert_eq!(Topic::of_row(&row, Some(liked), fresh), Some(Topic::MessageLikes(id)), "a like was taken back");
        assert_eq!(Topic::of_row(&row, Some(liked), liked), None);
        assert_eq!(Topic::of_row(&row, Some(fresh), deleted), Some(Topic::Deletion(id)));
        assert_eq!(Topic::of_row(&row, Some(deleted), deleted), None);
        assert_eq!(Topic::of_row(&row, Some(liked), hidden), Some(Topic::Visibility(id)));
        assert_eq!(Topic::of_row(&row, Some(hidden), liked), Some(Topic::Visibility(id)));
        assert_eq!(Topic::of_row(&row, Some(hidden), deleted), None, "viewers have heard that it is gone");
        assert_eq!(Topic::of_row(&ChangedRow::Likes(1), Some(fresh), liked), Some(Topic::Likes));
        assert_eq!(Topic::of_row(&ChangedRow::Reactions(1), None, fresh), Some(Topic::Reactions));
        assert_eq!(Topic::of_row(&ChangedRow::Viewers(1), None, fresh), Some(Topic::Viewers));
        assert_eq!(Topic::of_row(&ChangedRow::State(1, "pins".to_owned()), Some(fresh), fresh), Some(Topic::Pins));
        assert_eq!(Topic::of_row(&ChangedRow::State(1, "polls".to_owned()), None, fresh), Some(Topic::Polls));
        assert_eq!(Topic::of_row(&ChangedRow::Votes(1), Some(fresh), fresh), Some(Topic::Polls));
        assert_eq!(Topic::of_row(&ChangedRow::State(1, "of a later version".to_owned()), None, fresh), None);
        assert_eq!(Topic::of_row(&ChangedRow::Session(1), Some(fresh), fresh), None);
    }

    #[test]
    fn the_cursor_notes_every_name() {
        let id = MessageId::new(1, 1);
        let names: Vec<_> = Topic::STATES.into_iter().map(|state| state.name().expect("a state has a name")).collect();
        let all = [Topic::Deletion(id), Topic::Visibility(id), Topic::MessageLikes(id), Topic::Pins, Topic::Likes];
        for topic in all.into_iter().chain(Topic::STATES) {
            assert!(topic.name().is_none_or(|name| names.contains(&name)), "{topic:?}");
        }
    }

    #[test]
    fn deletions_come_first_and_counters_last() {
        let (one, two) = (MessageId::new(1, 1), MessageId::new(1, 2));
        let order = [Topic::Deletion(two), Topic::Visibility(one), Topic::MessageLikes(one)];
        let order = [order.as_slice(), &Topic::STATES].concat();
        assert!(order.is_sorted());
    }
}
