//! Pages of an export, each tried until it comes.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use load::http::{Answer, Caller};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::link::next_query;

/// A page is tried so often.
const MOST_TRIES: u32 = 7;
/// After each try, the wait doubles; the chat may ask for a longer one.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The chat asks for a minute at most.
const LONGEST_WAIT_SECONDS: u64 = 60;
/// API Gateway answers within 30 seconds.
const DEADLINE: Duration = Duration::from_secs(60);

/// Why a page does not come.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The chat refuses it.
    #[error("the chat refuses the export ({status}): {detail}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The reason.
        detail: String,
    },
    /// It failed too often.
    #[error("a page failed {MOST_TRIES} times; the last time: {0}")]
    Failed(String),
    /// The answer is not that of a chat.
    #[error("the chat's answer is not understood: {0}")]
    Answer(String),
    /// The room has no session.
    #[error("no session is open in the room {0}")]
    NoSession(String),
}

/// A page that came.
pub(super) struct Page {
    pub(super) body: Bytes,
    /// The query of the next one.
    pub(super) next: Option<String>,
    /// The sum of all pages.
    pub(super) sha256: Option<String>,
    /// How far it comes, and how far the export will.
    pub(super) numbers: Option<(u64, u64)>,
}

/// See the module.
pub(super) struct Pages {
    pub(super) caller: Caller,
    pub(super) token: String,
}

impl Pages {
    /// The page with this query.
    pub(super) async fn page(&mut self, session: u64, query: &str) -> Result<Page, PageError> {
        let answer = self.get(&format!("/live-chat/sessions/{session}/export?{query}")).await?;
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        let number = |name: &str| header(name).and_then(|value| value.parse().ok());
        let next = match header("link") {
            None => None,
            Some(link) => Some(next_query(link).ok_or_else(|| PageError::Answer(format!("Link: {link}")))?.to_owned()),
        };
        let (sha256, numbers) =
            (header("export-sha256").map(str::to_owned), number("export-read-to").zip(number("export-up-to")));
        Ok(Page { next, sha256, numbers, body: answer.body })
    }

    /// The session that is open in a room.
    pub(super) async fn session_of(&mut self, room: &str) -> Result<u64, PageError> {
        let room_in_query = utf8_percent_encode(room, NON_ALPHANUMERIC);
        let answer = self.get(&format!("/live-chat/status?room={room_in_query}")).await?;
        let status: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        status["session"]["id"].as_u64().ok_or_else(|| PageError::NoSession(room.to_owned()))
    }

    async fn get(&mut self, path: &str) -> Result<Answer, PageError> {
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let call = timeout(DEADLINE, self.caller.call(Method::GET, path, &self.token, None));
            let cause = match call.await {
                Err(_elapsed) => format!("no answer within {} s", DEADLINE.as_secs()),
                Ok(Err(cause)) => cause,
                Ok(Ok(answer)) if answer.status == StatusCode::OK => return Ok(answer),
                Ok(Ok(answer)) => {
                    let (status, detail) = (answer.status, detail_of(&answer));
                    if status != StatusCode::TOO_MANY_REQUESTS && !status.is_server_error() {
                        return Err(PageError::Refused { status, detail });
                    }
                    let asked = answer.retry_after.unwrap_or_default().min(LONGEST_WAIT_SECONDS);
                    wait = wait.max(Duration::from_secs(asked));
                    format!("{status}: {detail}")
                }
            };
            if attempt == MOST_TRIES {
                return Err(PageError::Failed(cause));
            }
            sleep(wait).await;
            wait *= 2;
        }
        unreachable!("the last try returns")
    }
}

fn detail_of(answer: &Answer) -> String {
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let told = problem["detail"].as_str().or_else(|| problem["message"].as_str());
    told.unwrap_or("no reason was given").to_owned()
}
