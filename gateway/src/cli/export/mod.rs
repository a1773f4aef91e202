//! `export`: the export of a session to standard output. It follows the pages, tries those that fail again, and checks the whole. At no
//! time does it hold more than one page.

pub mod check;
pub mod link;
mod pages;
mod progress;

use std::io::Write;
use std::rc::Rc;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use load::http::Caller;
use load::target::Target;
use load::transport::Connector;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use self::check::{Check, CheckError, Ending};
use self::pages::{PageError, Pages};
use self::progress::Progress;
use super::values::moment;

/// What to export, and from where.
#[derive(Debug, Args)]
#[group(id = "which", args = ["session", "room"], required = true, multiple = false)]
pub struct ExportArgs {
    /// The chat's address, such as `https://chat.example`.
    #[arg(long, default_value = "http://localhost:8000")]
    url: String,
    /// The session, by its id.
    #[arg(long)]
    session: Option<u64>,
    /// The open session of a room.
    #[arg(long)]
    room: Option<String>,
    /// The format.
    #[arg(long, value_enum, default_value_t = FormatArg::Jsonl)]
    format: FormatArg,
    /// A token with the capability manage. A variable keeps it out of the list of processes.
    #[arg(long, env = "LIVE_CHAT_TOKEN", hide_env_values = true)]
    token: String,
    /// What of the session.
    #[command(flatten)]
    part: PartArgs,
}

/// What of the session is exported: all, unless something else is asked for.
#[derive(Debug, Args)]
pub struct PartArgs {
    /// Begin after this number: the up_to_seq of an earlier export.
    #[arg(long)]
    after: Option<u64>,
    /// With the texts of messages that are gone. Not with vtt.
    #[arg(long)]
    include_deleted: bool,
    /// Only what is of this user.
    #[arg(long, value_name = "USER")]
    user_id: Option<String>,
    /// With vtt: when the recording began [default: the start of the session]. A time such as 2026-01-31T20:00:00Z, or seconds since 1970.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    start: Option<Timestamp>,
}

/// A format of exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// A record a line, as JSON.
    Jsonl,
    /// A table.
    Csv,
    /// Subtitles.
    Vtt,
}

impl FormatArg {
    fn name(self) -> &'static str {
        match self {
            FormatArg::Jsonl => "jsonl",
            FormatArg::Csv => "csv",
            FormatArg::Vtt => "vtt",
        }
    }

    fn ending(self) -> Ending {
        match self {
            FormatArg::Jsonl => Ending::WithLine,
            FormatArg::Csv | FormatArg::Vtt => Ending::Bare,
        }
    }
}

/// Why an export is not complete.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The address or the chat behind it.
    #[error("the chat cannot be reached: {0}")]
    Address(String),
    /// A page.
    #[error(transparent)]
    Page(#[from] PageError),
    /// What came is not what was sent.
    #[error("the export is not complete: {0}")]
    Check(#[from] CheckError),
    /// Nobody takes it.
    #[error("standard output is closed: {0}")]
    Output(#[from] std::io::Error),
}

/// Writes the export to standard output.
///
/// # Errors
/// See [`ExportError`]: what was written before is not the whole.
pub fn run(args: &ExportArgs) -> Result<(), ExportError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, write(args, &mut std::io::stdout().lock()))
}

async fn write(args: &ExportArgs, output: &mut impl Write) -> Result<(), ExportError> {
    let unreachable = |error: &dyn std::fmt::Display| ExportError::Address(error.to_string());
    let target = Target::parse(&args.url).map_err(|error| unreachable(&error))?;
    let connector = Connector::new(target).await.map_err(|error| unreachable(&error))?;
    let mut pages = Pages { caller: Caller::new(&Rc::new(connector)), token: args.token.trim().to_owned() };
    let session = match (args.session, &args.room) {
        (None, Some(room)) => pages.session_of(room).await?,
        (session, _) => session.unwrap_or_default(),
    };
    let (mut check, mut progress) = (Check::new(args.format.ending()), Progress::to_stderr());
    let mut query = args.query();
    loop {
        let page = pages.page(session, &query).await?;
        progress.show(&page);
        match page.next {
            Some(next) if next == query => return Err(CheckError::NoProgress.into()),
            Some(next) => {
                check.add(&page.body);
                output.write_all(&page.body)?;
                query = next;
            }
            None => {
                output.write_all(&page.body)?;
                output.flush()?;
                let records = check.end(&page.body, page.sha256.as_deref());
                progress.end(records.as_ref().ok().copied());
                return records.map(drop).map_err(ExportError::from);
            }
        }
    }
}

impl ExportArgs {
    /// The query of the first page.
    fn query(&self) -> String {
        let PartArgs { after, include_deleted, user_id, start } = &self.part;
        let mut query = format!("format={}", self.format.name());
        let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        for (name, value) in [
            ("after", after.map(|seq| seq.to_string())),
            ("include_deleted", include_deleted.then(|| "true".to_owned())),
            ("user_id", user_id.as_deref().map(escaped)),
            ("start", start.map(|start| escaped(&start.to_string()))),
        ] {
            if let Some(value) = value {
                query += &format!("&{name}={value}");
            }
        }
        query
    }
}
