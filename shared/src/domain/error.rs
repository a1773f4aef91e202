//! The only error type that clients see: a stable code and a sentence for people, nothing internal.

use std::time::Duration;

use crate::domain::moderation::refusal::RuleRefusal;
use crate::domain::moderation::standing_view::StandingView;

/// A refused request (docs/contract.md, Errors). The cause of [`ChatError::Unavailable`] is for the log only.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The message's text breaks a rule.
    #[error("{0}")]
    InvalidMessage(String),
    /// Anything else about the request is malformed.
    #[error("{0}")]
    InvalidRequest(String),
    /// There is no token, or it does not verify.
    #[error("{0}")]
    Unauthorized(String),
    /// The token has expired since the socket was opened.
    #[error("The token has expired: connect again with a new one")]
    TokenExpired,
    /// No session is open, the addressed one has ended, or the chat is disabled.
    #[error("{0}")]
    ChatNotActive(String),
    /// The caller lacks the right.
    #[error("{0}")]
    Forbidden(String),
    /// The caller is banned.
    #[error("You are banned from this chat")]
    Banned(Box<StandingView>),
    /// The caller may not take part for a while.
    #[error("You are timed out: you may write again later")]
    TimedOut(Box<StandingView>),
    /// A rule of the session refuses the message.
    #[error(transparent)]
    Rule(#[from] RuleRefusal),
    /// There is no such session or message.
    #[error("{0}")]
    NotFound(String),
    /// Something else was decided before.
    #[error("{0}")]
    Conflict(String),
    /// What the request builds on has changed meanwhile.
    #[error("{0}")]
    PreconditionFailed(String),
    /// The body exceeds its limit.
    #[error("{0}")]
    TooLarge(String),
    /// A rate limit was exceeded.
    #[error("{detail}")]
    RateLimited {
        /// For people.
        detail: String,
        /// The time until the same request passes.
        retry_after: Duration,
    },
    /// A dependency failed past its retries.
    #[error("The chat is temporarily unavailable: try again soon")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ChatError {
    /// Wraps the failure of a dependency.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ChatError {
        ChatError::Unavailable(cause.into())
    }

    /// No session is open now.
    pub fn no_open_session() -> ChatError {
        ChatError::ChatNotActive("No chat session is open now".to_owned())
    }

    /// The addressed session has ended.
    pub fn session_over() -> ChatError {
        ChatError::ChatNotActive("This chat session is not open".to_owned())
    }

    /// The error of a call under a key that another act has used.
    pub fn another_act() -> ChatError {
        ChatError::Conflict("Another act has used this client_action_id".to_owned())
    }

    /// The addressed session has no such message.
    pub fn no_such_message() -> ChatError {
        ChatError::NotFound("There is no such message".to_owned())
    }

    /// The stable code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            ChatError::InvalidMessage(_) => "invalid_message",
            ChatError::InvalidRequest(_) => "invalid_request",
            ChatError::Unauthorized(_) => "unauthorized",
            ChatError::TokenExpired => "token_expired",
            ChatError::ChatNotActive(_) => "chat_not_active",
            ChatError::Forbidden(_) => "forbidden",
            ChatError::Banned(_) => "banned",
            ChatError::TimedOut(_) => "timed_out",
            ChatError::Rule(refusal) => refusal.code(),
            ChatError::NotFound(_) => "not_found",
            ChatError::Conflict(_) => "conflict",
            ChatError::PreconditionFailed(_) => "precondition_failed",
            ChatError::TooLarge(_) => "too_large",
            ChatError::RateLimited { .. } => "rate_limited",
            ChatError::Unavailable(_) => "unavailable",
        }
    }

    /// The HTTP status (RFC 9110) of the code.
    pub fn status(&self) -> u16 {
        match self {
            ChatError::InvalidMessage(_) | ChatError::InvalidRequest(_) => 400,
            ChatError::Unauthorized(_) | ChatError::TokenExpired => 401,
            ChatError::ChatNotActive(_) | ChatError::Forbidden(_) | ChatError::Banned(_) | ChatError::TimedOut(_) => {
                403
            }
            ChatError::Rule(refusal) => refusal.status(),
            ChatError::NotFound(_) => 404,
            ChatError::Conflict(_) => 409,
            ChatError::PreconditionFailed(_) => 412,
            ChatError::TooLarge(_) => 413,
            ChatError::RateLimited { .. } => 429,
            ChatError::Unavailable(_) => 503,
        }
    }

    /// The standing that refuses the caller.
    pub fn standing(&self) -> Option<&StandingView> {
        match self {
            ChatError::Banned(standing) | ChatError::TimedOut(standing) => Some(standing),
            _ => None,
        }
    }

    /// The time after which another try may succeed; `None` if it would fail the same way.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            ChatError::RateLimited { retry_after, .. } => Some(*retry_after),
            ChatError::Rule(refusal) => refusal.retry_after(),
            ChatError::Unavailable(_) => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}
