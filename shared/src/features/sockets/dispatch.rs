//! The life of a socket: its handshake, its frames, its end.

use crate::domain::budget::Budget;
use crate::domain::caller::{Caller, Capability};
use crate::domain::draw::state::Draws;
use crate::domain::error::ChatError;
use crate::domain::pins::Pins;
use crate::domain::poll::state::Polls;
use crate::domain::reactions::state::ReactionsState;
use crate::domain::time;
use crate::domain::wire::client_frame::ClientFrame;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::features::presence::store::SocketAdmission;
use crate::features::presence::store_uncounted::Counting;
use crate::features::sessions::resolve::{Addressed, record_session};
use crate::features::sockets::limit_sockets::too_many_sockets;
use crate::features::sockets::store::Socket;
use crate::features::standing::check::Deed;
use crate::platform::token::has_expired;

/// A handshake.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// API Gateway's connection id.
    pub connection_id: String,
    /// The session, as the client wrote it.
    pub session_id: String,
    /// The caller.
    pub caller: Caller,
    /// The time, in milliseconds since 1970.
    pub connected_ms: i64,
    /// Whether the client asked for `batch=1`.
    pub batch: bool,
}

impl Chat {
    /// Opens a socket.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`], [`ChatError::NotFound`], [`ChatError::ChatNotActive`], [`ChatError::RateLimited`] if the user has 10 sockets
    /// already or has made too many handshakes in this minute, [`ChatError::Banned`], [`ChatError::Unavailable`].
    pub async fn open_socket(&self, handshake: Handshake) -> Result<(), ChatError> {
        handshake.caller.require(Capability::Read)?;
        self.spend(Budget::Handshakes, &handshake.caller).await?;
        let session = self.session_to_write(Addressed::by_id(&handshake.session_id), &handshake.caller).await.map_err(
            |error| match error {
                ChatError::InvalidRequest(_) => ChatError::NotFound("There is no such session".to_owned()),
                other => other,
            },
        )?;
        let connection_id = handshake.connection_id;
        if self.store.admit_socket(&session, &handshake.caller, &connection_id, self.clock.now()).await?
            == SocketAdmission::TooManySockets
        {
            return Err(too_many_sockets());
        }
        // The presence is written first: an act against the user finds this socket there, or this handshake finds the act.
        if let Err(refusal) = self.check_standing(Some(session.id), &handshake.caller, Deed::Connect).await {
            self.dismiss_refused(session.id, &handshake.caller, &connection_id).await;
            return Err(refusal);
        }
        let socket = Socket {
            connection_id,
            session_id: session.id,
            caller: handshake.caller,
            connected_ms: handshake.connected_ms,
            batch: handshake.batch,
            was_pruned: false,
        };
        if let Err(error) = self.store.put_socket(&socket).await {
            self.dismiss_refused(session.id, &socket.caller, &socket.connection_id).await;
            return Err(error.into());
        }
        Ok(())
    }

    /// Takes back the presence of a socket that is refused, so that it does not count. If this fails, too, `housekeep` does it.
    async fn dismiss_refused(&self, session_id: u64, caller: &Caller, connection_id: &str) {
        let undone = self.store.dismiss_socket(session_id, Counting::of(caller), &caller.user_id, connection_id).await;
        if let Err(undo) = undone {
            tracing::warn!(connection.id = connection_id, error = %undo, "a refused socket still counts");
        }
    }

    /// Forgets a socket that has closed. It may be unknown: API Gateway may report the end of a socket twice, or not at all.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn close_socket(&self, connection_id: &str) -> Result<(), ChatError> {
        let Some(socket) = self.store.socket(connection_id).await? else { return Ok(()) };
        let Socket { session_id, caller, .. } = socket;
        let counting = Counting::of(&caller);
        Ok(self
            .store
            .forget_socket(session_id, counting, &caller.user_id, connection_id, caller.reads_as_staff())
            .await?)
    }

    /// Answers a frame. A refused frame is answered by an `error` frame, and its error is returned, too. No answer closes the socket.
    pub async fn answer(&self, connection_id: &str, frame: &str) -> (String, Option<ChatError>) {
        match self.try_to_answer(connection_id, frame).await {
            Ok(answer) => (answer, None),
            Err((client_message_id, error)) => {
                (ServerFrame::error(&error, client_message_id.as_deref()).to_json(), Some(error))
            }
        }
    }

    async fn try_to_answer(&self, connection_id: &str, frame: &str) -> Result<String, (Option<String>, ChatError)> {
        let alone = |error| (None, error);
        let socket = self.store.socket(connection_id).await.map_err(|error| alone(error.into()))?;
        let socket = socket
            .ok_or_else(|| alone(ChatError::Unauthorized("This socket is not known: connect again".to_owned())))?;
        record_session(socket.session_id);
        self.spend_frame(&socket).await.map_err(alone)?;
        if has_expired(socket.caller.expires_at, self.clock.now()) {
            return Err(alone(ChatError::TokenExpired));
        }
        if socket.was_pruned {
            self.store.subscribe(&socket).await.map_err(|error| alone(error.into()))?;
        }
        self.touch_viewer_by_frame(socket.session_id, &socket.caller).await.map_err(alone)?;
        let frame = ClientFrame::parse(frame, self.config.limits.max_message_length)
            .map_err(|refused| (refused.client_message_id, refused.error))?;
        let client_message_id = match &frame {
            ClientFrame::Message(draft) => draft.client_message_id.as_ref().map(|key| key.as_str().to_owned()),
            _ => None,
        };
        self.serve(&socket, frame).await.map_err(|error| (client_message_id, error))
    }

    async fn serve(&self, socket: &Socket, frame: ClientFrame) -> Result<String, ChatError> {
        socket.caller.require(frame.needs())?;
        match frame {
            ClientFrame::Message(draft) => {
                if !self.config.sessions.enabled {
                    return Err(ChatError::no_open_session());
                }
                let session = self.session_with_id(socket.session_id).await?;
                let session = self.must_be_open(session).await?;
                let receipt = self.send(&session, &socket.caller, &draft).await?;
                let client_message_id = draft.client_message_id.as_ref().map(|key| key.as_str());
                Ok(ServerFrame::Ack { client_message_id, receipt }.to_json())
            }
            ClientFrame::React(field) => {
                let reactions = self.config.sessions.reactions.read(field.as_ref())?;
                let id = socket.session_id.to_string();
                let session = self.session_to_write(Addressed::by_id(&id), &socket.caller).await?;
                self.count_reactions(&session, &socket.caller, &reactions).await?;
                Ok(ServerFrame::Reacted { reactions }.to_json())
            }
            ClientFrame::Ping => {
                let now = self.clock.now();
                let (cursor, head) =
                    tokio::try_join!(self.store.cursor(socket.session_id), self.store.head(socket.session_id, now))?;
                let head = head.ok_or_else(|| ChatError::NotFound("There is no such session".to_owned()))?;
                let server_time = time::to_the_second(now, &self.config.sessions.zone);
                let pong = ServerFrame::Pong {
                    server_time,
                    last_seq: cursor.seq,
                    viewer_count: head.viewer_count,
                    total_likes: head.total_likes,
                    pins_version: Pins::of(&head).map(|pins| pins.version),
                    draw_version: Draws::of(&head).map(|draws| draws.version),
                    polls_version: Polls::of(&head).map(|polls| polls.version),
                    reactions: ReactionsState::of(&head).map(|state| state.totals_of(&self.config.sessions.reactions)),
                };
                Ok(pong.to_json())
            }
            ClientFrame::Resume { after } => {
                self.spend(Budget::Pages, &socket.caller).await?;
                let missed = self.resume(socket.session_id, after, &socket.caller).await?;
                let (last_seq, up_to, complete) = (missed.last_seq, missed.up_to, missed.complete);
                let (messages, events) = (&missed.messages, &missed.events);
                Ok(ServerFrame::Resumed { messages, events, last_seq, up_to, complete }.to_json())
            }
        }
    }
}
