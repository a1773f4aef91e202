//! One page of the export of a session: `GET /live-chat/sessions/{session_id}/export` (docs/contract.md, Export).

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::acts::Acts;
use super::log::Log;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::export::position::Position;
use crate::domain::export::record::{ActionRecord, Record, SessionRecord, VERSION};
use crate::domain::export::request::{Beginning, ExportRequest, Format};
use crate::domain::export::wanted::Wanted;
use crate::domain::export::writer::Writer;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::session::details::DetailedSession;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::standing::check::Deed;

/// A page has no more bytes: Lambda takes 6 MB, in which each of them may be escaped.
const MOST_BYTES: usize = 2_500_000;
/// With so many bytes, a page ends rather than read again: a query brings 1 MB at most.
const ENOUGH_BYTES: usize = 1_900_000;
/// A page ends after so many queries, whatever they found.
const MOST_QUERIES: usize = 16;
/// A page has no more acts: each takes reads of its own.
const MOST_ACTS: usize = 500;
/// The act that opens a session is a moment older than the session, and clocks differ.
const BEFORE_THE_SESSION: SignedDuration = SignedDuration::from_secs(60);

/// A page.
#[derive(Debug)]
pub struct ExportPage {
    /// Its format.
    pub format: Format,
    /// Its text.
    pub body: String,
    /// The query of the next page; `None` of the last one.
    pub next: Option<String>,
    /// The sum of all pages; `None` but of the last one.
    pub sha256: Option<String>,
    /// How far it comes.
    pub read_to: u64,
    /// How far the export will come, by now.
    pub up_to: u64,
}

impl Chat {
    /// A page of the export of a session, open or ended.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Forbidden`] if the token is limited to other sessions, [`ChatError::Banned`],
    /// [`ChatError::TimedOut`], [`ChatError::Unavailable`].
    pub async fn export(&self, reader: &Caller, id: u64, request: &ExportRequest) -> Result<ExportPage, ChatError> {
        let found = self.store.detailed_session(id, self.clock.now()).await?;
        let found = found.ok_or_else(|| ChatError::NotFound("There is no such session".to_owned()))?;
        reader.require_session(&found.session)?;
        self.check_standing(Some(id), reader, Deed::Moderate).await?;
        // Numbers up to the cursor are final. It is read first, and then what is covered, as for a page of messages.
        let up_to = self.store.cursor(id).await?.seq;
        let covers = self.store.covers(id).await?;
        let wanted = Wanted {
            session_id: id,
            up_to,
            covers: &covers,
            include_deleted: request.include_deleted,
            user_id: request.user_id.as_deref(),
        };
        let start = request.start.unwrap_or(found.session.start);
        let (seq, act, written) = match &request.beginning {
            Beginning::After(seq) => (*seq, self.first_act(&found, *seq).await?, None),
            Beginning::Next(position) => (position.seq, position.act.clone(), Some(position.written.clone())),
        };
        let is_first = written.is_none();
        let mut page = Page {
            acts: self.acts_of(act, request, id).await?,
            log: Log::after(seq, start.as_millisecond(), wanted),
            writer: Writer::new(request.format, start.as_millisecond(), written.unwrap_or_default()),
        };
        let state = found.session.state_at(self.clock.now());
        if is_first {
            page.writer.begin(&self.session_record(found, request, seq));
        }
        let is_last = page.fill(self).await?;
        let (read_to, act) = (page.log.done(), page.acts.done().clone());
        let page_of = |body| ExportPage { format: request.format, body, next: None, sha256: None, read_to, up_to };
        if is_last {
            let (body, sha256) = page.writer.end(read_to.min(up_to), state);
            return Ok(ExportPage { sha256: Some(sha256), ..page_of(body) });
        }
        let (body, written) = page.writer.pause();
        let position = Position { seq: read_to, act, written };
        Ok(ExportPage { next: Some(next_query(request, &position)), ..page_of(body) })
    }

    /// Where the acts begin: with the session, or with the record after which the export does.
    async fn first_act(&self, found: &DetailedSession, after: u64) -> Result<ActionId, ChatError> {
        let since = match after {
            0 => None,
            after => self.time_of_log_at(found.session.id, after).await?,
        };
        Ok(ActionId::first_at(since.unwrap_or(found.session.start - BEFORE_THE_SESSION)))
    }

    async fn acts_of(&self, act: ActionId, request: &ExportRequest, session_id: u64) -> Result<Acts, ChatError> {
        if request.format == Format::Vtt {
            return Ok(Acts::none(act));
        }
        let Some(user_id) = &request.user_id else { return Ok(Acts::after(act, session_id, None)) };
        Ok(match self.store.known_pseudonym(user_id).await? {
            Some(user) => Acts::after(act, session_id, Some(user)),
            None => Acts::none(act),
        })
    }

    fn session_record(&self, found: DetailedSession, request: &ExportRequest, after: u64) -> Record {
        Record::Session(Box::new(SessionRecord {
            seq: 0,
            at: time::to_the_millisecond(found.session.start, &self.config.sessions.zone),
            version: VERSION,
            session: found.view(&self.config, self.clock.now()),
            after,
            include_deleted: request.include_deleted,
            user_id: request.user_id.clone(),
        }))
    }
}

/// A page that is being filled.
struct Page<'a> {
    log: Log<'a>,
    acts: Acts,
    writer: Writer,
}

impl Page<'_> {
    /// Writes what comes next, in the order of numbers, with the acts among them by their times. Returns whether nothing is left.
    async fn fill(&mut self, chat: &Chat) -> Result<bool, ChatError> {
        let (mut queries, mut acts) = (0, 0);
        loop {
            let log_ms = self.log.next().map(|(_, at_ms)| at_ms);
            let (reads_log, reads_acts) = (self.log.must_read(), self.acts.must_read(log_ms));
            if reads_log || reads_acts {
                if queries == MOST_QUERIES || self.writer.bytes() >= ENOUGH_BYTES {
                    return Ok(false);
                }
                queries += 1;
                if reads_log {
                    self.log.read(chat).await?
                } else {
                    self.acts.read(chat).await?
                }
                continue;
            }
            let is_act_next = match (log_ms, self.acts.next_ms()) {
                (None, None) => return Ok(true),
                (Some(log_ms), Some(act_ms)) => act_ms < log_ms,
                (None, Some(_)) => true,
                (Some(_), None) => false,
            };
            let is_written = if is_act_next {
                acts += 1;
                acts <= MOST_ACTS && self.write_act(chat).await?
            } else {
                self.write_log()
            };
            if !is_written {
                return Ok(false);
            }
        }
    }

    /// Writes the next record of the log, unless it does not fit.
    fn write_log(&mut self) -> bool {
        let Some((next, at_ms)) = self.log.next() else { return true };
        let text = self.writer.text_of(&next.record, at_ms);
        if self.is_full(&text) {
            return false;
        }
        self.writer.add(next.seq, at_ms, &text);
        self.log.written();
        true
    }

    /// Writes the next act, unless it does not fit.
    async fn write_act(&mut self, chat: &Chat) -> Result<bool, ChatError> {
        let at_ms = self.acts.next_ms().unwrap_or_default();
        let Some(action) = self.acts.next(chat).await? else { return Ok(true) };
        let record = Record::Action(Box::new(ActionRecord { seq: self.log.last_seq(), action }));
        let text = self.writer.text_of(&record, at_ms);
        if self.is_full(&text) {
            return Ok(false);
        }
        self.writer.add(0, at_ms, &text);
        self.acts.written();
        Ok(true)
    }

    /// A page always has one record at least.
    fn is_full(&self, text: &str) -> bool {
        self.writer.bytes() > 0 && self.writer.bytes() + text.len() > MOST_BYTES
    }
}

/// The query of the next page.
fn next_query(request: &ExportRequest, position: &Position) -> String {
    let mut query = format!("format={}", request.format.name());
    if request.include_deleted {
        query += "&include_deleted=true";
    }
    let texts =
        [("start", request.start.map(|start: Timestamp| start.to_string())), ("user_id", request.user_id.clone())];
    for (name, text) in texts {
        let Some(text) = text else { continue };
        query += &format!("&{name}={}", utf8_percent_encode(&text, NON_ALPHANUMERIC));
    }
    format!("{query}&next={position}")
}
