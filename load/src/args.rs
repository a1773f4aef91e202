//! The options of the load tool.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::error::LoadError;
use crate::protocol::Protocol;

/// Most frames a minute that the chat takes from one user (docs/contract.md, Limits).
const FRAMES_PER_MINUTE: f64 = 60.0;

/// Measures a chat: viewers listen on real sockets, senders send, REST callers call. Tokens are made with `JWT_SECRET` if it is
/// set; they come from `--tokens` if that is given, else from the local gateway itself.
#[derive(Clone, Debug, Args)]
pub struct LoadArgs {
    /// The chat's address.
    #[arg(long, default_value = "http://127.0.0.1:8000", conflicts_with = "start")]
    pub url: String,
    /// Start a gateway for this run, with a database of its own in a temporary folder and without a rate limit.
    #[arg(long)]
    pub start: bool,
    /// An argument of the gateway that is started, such as --gateway-arg=--poll. May be given several times.
    #[arg(long = "gateway-arg", requires = "start", allow_hyphen_values = true)]
    pub gateway_args: Vec<String>,
    /// A process to measure, with its children. The gateway that is started is always measured. May be given several times.
    #[arg(long = "pid")]
    pub pids: Vec<u32>,
    /// A file with one token a line.
    #[arg(long)]
    pub tokens: Option<PathBuf>,

    /// The protocol of the sockets; a peer to compare with speaks another one (load/peers/).
    #[arg(long, value_enum, default_value_t = Protocol::LiveChat, conflicts_with = "start")]
    pub protocol: Protocol,
    /// The room of the session that is measured; without it, the room `main`.
    #[arg(long)]
    pub room: Option<String>,
    /// How many sockets listen.
    #[arg(long, default_value_t = 0)]
    pub viewers: usize,
    /// How many of them one user opens.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=10))]
    pub sockets_per_user: u8,
    /// How many percent of them ask for several events in one frame.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub batched: u8,
    /// How many sockets open at the same time.
    #[arg(long, default_value_t = 64, value_parser = positive)]
    pub join_concurrency: usize,
    /// Seconds between two pings of each socket; 0 is none. The client of this repository sends one every 30 seconds.
    #[arg(long, default_value_t = 0.0, value_parser = seconds)]
    pub ping_seconds: f64,
    /// In the end, viewers leave one after the other, as fast as they came, instead of all at once.
    #[arg(long)]
    pub leave: bool,
    /// Seconds between the last join and the first message, so that the joins' own echo is not measured, and before viewers leave.
    #[arg(long, default_value_t = 1.0, value_parser = seconds)]
    pub settle: f64,

    /// How many senders send. Over sockets, the first viewers are the senders.
    #[arg(long, default_value_t = 0)]
    pub senders: usize,
    /// How they send.
    #[arg(long, value_enum, default_value_t = Via::Rest)]
    pub via: Via,
    /// Messages a second of all senders together, on time even if answers are late (an open loop; latency counts from the
    /// intended time). Without it, each sender sends its next message after the one before (a closed loop).
    #[arg(long, value_parser = rate)]
    pub rate: Option<f64>,
    /// Messages of an open loop come at random times (a Poisson process), as those of people who do not wait for each other, instead of
    /// in even distances.
    #[arg(long, requires = "rate")]
    pub random_times: bool,
    /// In a closed loop, the event before the next message of a sender.
    #[arg(long, value_enum, default_value_t = Until::Accepted, conflicts_with = "rate")]
    pub until: Until,
    /// How many messages are sent in all; without it, `--seconds` is the limit.
    #[arg(long)]
    pub messages: Option<usize>,
    /// How long senders send, and each REST call is called.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    pub seconds: f64,
    /// Characters of a message.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(40..=1000))]
    pub text_length: u16,
    /// How many seconds without an arrival end the wait for missing messages.
    #[arg(long, default_value_t = 15.0, value_parser = seconds)]
    pub patience: f64,

    /// Calls to measure one after the other: status, stats, viewers, likes, like, send-message, messages?limit=50, …
    #[arg(long, value_delimiter = ',')]
    pub rest: Vec<String>,
    /// How many REST callers call at the same time.
    #[arg(long, default_value_t = 64, value_parser = positive)]
    pub concurrency: usize,
    /// How many times each call is called; without it, `--seconds` is the limit.
    #[arg(long)]
    pub requests: Option<usize>,
    /// All calls at the same time, in turn, instead of one after the other.
    #[arg(long)]
    pub together: bool,

    /// Print the figures as JSON.
    #[arg(long)]
    pub json: bool,
}

/// How messages are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Via {
    /// `POST /live-chat/send-message`.
    Rest,
    /// A frame on the sender's own socket.
    Socket,
}

/// The event before the next message of a sender in a closed loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// The answer: the message is stored.
    Accepted,
    /// Every viewer has it.
    Delivered,
}

impl LoadArgs {
    /// Checks that the options fit together.
    ///
    /// # Errors
    /// [`LoadError::Arguments`] with a sentence.
    pub fn check(&self) -> Result<(), LoadError> {
        let wrong = |sentence: &str| Err(LoadError::Arguments(sentence.to_owned()));
        if self.viewers == 0 && self.senders == 0 && self.rest.is_empty() {
            return wrong("nothing to do: give --viewers, --senders or --rest");
        }
        if self.senders == 0 && (self.rate.is_some() || self.messages.is_some()) {
            return wrong("--rate and --messages need --senders");
        }
        if self.via == Via::Socket && self.senders > self.viewers {
            return wrong("senders over sockets are viewers: --senders cannot be more than --viewers");
        }
        if self.protocol != Protocol::LiveChat
            && (self.via == Via::Socket || self.batched > 0 || self.ping_seconds > 0.0)
        {
            return wrong("--via socket, --batched and --ping-seconds are of the chat's own protocol");
        }
        if self.until == Until::Delivered && self.viewers == 0 {
            return wrong("--until delivered needs --viewers");
        }
        let messages = self.messages.map_or(f64::INFINITY, |messages| messages as f64);
        let a_minute_each = self.rate.map_or(0.0, |rate| (rate * 60.0).min(messages) / self.senders as f64);
        let senders_of_a_user = self.senders.min(usize::from(self.sockets_per_user)) as f64;
        if self.via == Via::Socket && a_minute_each * senders_of_a_user > FRAMES_PER_MINUTE {
            return wrong("a user may send 60 frames a minute: take more --senders, a lower --rate, or --via rest");
        }
        Ok(())
    }

    /// The path of a call about the session that is measured.
    pub(crate) fn path(&self, call: &str) -> String {
        match &self.room {
            None => format!("/live-chat/{call}"),
            Some(room) => format!("/live-chat/{call}{}room={room}", if call.contains('?') { '&' } else { '?' }),
        }
    }

    /// How long senders and callers work.
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a whole number from 1 on".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    let is_time = |seconds: &f64| (0.0..=86_400.0).contains(seconds);
    text.parse().ok().filter(is_time).ok_or_else(|| "seconds from 0 to 86400, such as 10 or 0.5".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    let is_rate = |rate: &f64| *rate > 0.0 && *rate <= 1_000_000.0;
    text.parse().ok().filter(is_rate).ok_or_else(|| "messages a second, more than 0".to_owned())
}
