//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use axum::http::HeaderValue;
use clap::{Args, Parser, Subcommand};
use jiff::{SignedDuration, Timestamp};
use load::LoadArgs;
use shared::domain::caller::{Capability, MAX_BADGE, SERVICE_AUDIENCE, are_attributes, parse_badge};
use shared::domain::config::is_origin_secret;
use shared::domain::text::display_name::DisplayName;
use shared::domain::text::picture;
use shared::platform::token::SERVICE_SECONDS;

use crate::apis::upstream::Target;
use crate::cloud::database::Data;
use crate::cloud::engine::concurrency::ACCOUNT_QUOTA;
use crate::site::token::Claims;
use cost::CostArgs;

/// The whole live chat on this machine. Settings of the chat come from the environment: see the README.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, env = "PORT", default_value_t = 8000)]
    pub port: u16,
    /// Address to listen on [default: 127.0.0.1 and ::1]. Beyond loopback the page gets no development tokens.
    #[arg(long)]
    pub host: Option<IpAddr>,
    /// Folder for data.
    #[arg(long, default_value = ".live-chat", global = true)]
    pub data: PathBuf,
    /// Keep nothing: a temporary folder instead of one that stays.
    #[arg(long, conflicts_with = "data")]
    pub memory: bool,
    /// Read the stream four times a second, as Lambda does, instead of on every write.
    #[arg(long)]
    pub poll: bool,
    /// Requests a second that `@connections` takes; beyond them it answers 429, as AWS does past an account's 10,000. 0 lifts the
    /// limit.
    #[arg(long, default_value_t = 0)]
    pub management_requests_per_second: u32,
    /// Executions of functions at the same time; beyond them, Lambda refuses. An AWS account begins with 1,000, a new one with fewer.
    #[arg(long, default_value_t = ACCOUNT_QUOTA)]
    pub concurrent_executions: usize,
    /// What runs the functions: in-process, process (the real Lambda binaries, built by cargo), or the address of any Lambda
    /// Invoke endpoint, such as http://127.0.0.1:9000 for `cargo lambda watch`.
    #[arg(long, default_value = "in-process")]
    pub engine: EngineArg,
    /// Open the internal ports of loopback even if no function needs them: for tools such as the AWS CLI, which find the addresses and
    /// this run's access key in the data folder's aws.env. With --engine in-process, nothing but --port listens otherwise.
    #[arg(long, env = "LIVE_CHAT_INTERNAL_PORTS")]
    pub internal_ports: bool,
    /// A command other than running the chat.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Where data is kept.
    pub fn data(&self) -> Data {
        if self.memory { Data::Memory } else { Data::Folder(self.data.clone()) }
    }
}

/// What runs the functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineArg {
    /// The handlers in this process.
    InProcess,
    /// The bootstrap binaries.
    Process,
    /// A Lambda Invoke endpoint.
    Http(String),
}

impl FromStr for EngineArg {
    type Err = String;

    fn from_str(text: &str) -> Result<EngineArg, String> {
        match text {
            "in-process" => Ok(EngineArg::InProcess),
            "process" => Ok(EngineArg::Process),
            _ if text.starts_with("http://") && text.len() > 7 => Ok(EngineArg::Http(text.to_owned())),
            _ => Err("an engine is in-process, process or http://HOST:PORT".to_owned()),
        }
    }
}

/// The other commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print one development token and nothing else.
    Token(TokenArgs),
    /// Run the edge alone, in front of APIs that run elsewhere.
    Edge(EdgeArgs),
    /// Measure a chat under load.
    Load(LoadArgs),
    /// Print what an event costs in the cloud.
    Cost(CostArgs),
}

/// The APIs behind the edge.
#[derive(Debug, Args)]
pub struct EdgeArgs {
    /// The HTTP API, such as http://127.0.0.1:4566/_aws/execute-api/ID/$default.
    #[arg(long)]
    pub http: Target,
    /// The WebSocket API with its stage.
    #[arg(long)]
    pub socket: Target,
    /// The secret by which the functions behind these APIs know the edge, as CloudFront sends it.
    #[arg(long, env = "LIVE_CHAT_ORIGIN_SECRET", hide_env_values = true, value_parser = origin_secret)]
    pub origin_secret: Option<HeaderValue>,
}

/// The claims of a token.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// The user id.
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    sub: String,
    /// The display name.
    #[arg(long, value_parser = display_name)]
    name: Option<String>,
    /// A role: host, moderator or member. May be given several times.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// A member, as --role member.
    #[arg(long)]
    member: bool,
    /// A capability: read, send, react, announce, moderate, manage, uncounted or audit. May be given several times, or with commas
    /// in between. They replace those that the roles bring.
    #[arg(long = "capability", alias = "capabilities", value_name = "NAME", value_delimiter = ',', value_parser = capability)]
    capabilities: Vec<String>,
    /// A session that the token is limited to, by its id or its room. May be given several times.
    #[arg(long = "session", value_name = "ID|ROOM", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    sessions: Vec<String>,
    /// An attribute of the user, which each message carries. May be given up to ten times, with 1,024 bytes in all.
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, String)>,
    /// When the account was created: a time such as 2026-01-31T12:00:00Z, or seconds since 1970.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    account_created: Option<Timestamp>,
    /// A token of a server of yours, which ranks above hosts and is no viewer. It is signed with LIVE_CHAT_SERVICE_SECRET, and good for
    /// five minutes at most.
    #[arg(long)]
    pub service: bool,
    /// A badge: gold, silver and bronze make a winner.
    #[arg(long, value_parser = badge)]
    badge: Option<String>,
    /// The https address of a picture.
    #[arg(long, value_parser = picture)]
    picture: Option<String>,
    /// An e-mail address, which the chat shows to nobody.
    #[arg(long)]
    email: Option<String>,
    /// When it is issued, if not now: for tokens that are revoked, or not valid any more.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    issued_at: Option<Timestamp>,
    /// How long the token is good from then on, such as 90s, 15m, 12h or 7d [default: 12h, of a service 5m].
    #[arg(long, value_parser = duration)]
    ttl: Option<SignedDuration>,
}

impl TokenArgs {
    /// The claims.
    ///
    /// # Errors
    /// A sentence if the chat would not take all of them as they are.
    pub fn claims(&self) -> Result<Claims, String> {
        let attributes = self.attributes.iter().cloned().collect();
        if !are_attributes(&attributes) {
            return Err("attributes are ten at most, with 1,024 bytes in all".to_owned());
        }
        let longest = SignedDuration::from_secs(SERVICE_SECONDS);
        if self.service && self.ttl() > longest {
            return Err("a token of a service is good for 5m at most".to_owned());
        }
        let roles = self.roles.iter().cloned().chain(self.member.then(|| "member".to_owned()));
        Ok(Claims {
            sub: self.sub.clone(),
            name: self.name.clone(),
            roles: roles.collect(),
            capabilities: self.capabilities.clone(),
            sessions: self.sessions.clone(),
            attributes,
            account_created: self.account_created.map(|moment| moment.to_string()),
            aud: self.service.then(|| SERVICE_AUDIENCE.to_owned()),
            badge: self.badge.clone(),
            picture: self.picture.clone(),
            email: self.email.clone(),
        })
    }

    /// When the token is issued.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at.unwrap_or_else(Timestamp::now)
    }

    /// How long it is good from then on.
    pub fn ttl(&self) -> SignedDuration {
        let default =
            if self.service { SignedDuration::from_secs(SERVICE_SECONDS) } else { SignedDuration::from_hours(12) };
        self.ttl.unwrap_or(default)
    }
}

fn capability(text: &str) -> Result<String, String> {
    let known = || Capability::all().map(Capability::name).collect::<Vec<_>>().join(", ");
    Capability::of_name(text)
        .map(|one| one.name().to_owned())
        .ok_or_else(|| format!("a capability is one of {}", known()))
}

fn attribute(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or("an attribute is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let of_seconds = text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let moment = of_seconds.or_else(|| text.parse().ok());
    moment.ok_or_else(|| "a time is as in 2026-01-31T12:00:00Z, or seconds since 1970".to_owned())
}

fn display_name(text: &str) -> Result<String, String> {
    DisplayName::parse(text).map(DisplayName::into_string).ok_or_else(|| "a name has something to see".to_owned())
}

fn badge(text: &str) -> Result<String, String> {
    parse_badge(text).ok_or_else(|| format!("a badge has 1 to {MAX_BADGE} characters, and something to see"))
}

fn picture(text: &str) -> Result<String, String> {
    picture::address(text).ok_or_else(|| "a picture is an https address".to_owned())
}

fn origin_secret(text: &str) -> Result<HeaderValue, String> {
    let secret = HeaderValue::from_str(text).ok().filter(|_| is_origin_secret(text));
    let mut secret = secret.ok_or_else(|| "a secret of the edge has 32 to 64 letters and digits".to_owned())?;
    secret.set_sensitive(true);
    Ok(secret)
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "a duration is a whole number with s, m, h or d, such as 12h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return Err(wrong()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    Ok(SignedDuration::from_secs(i64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    fn token(arguments: &[&str]) -> Result<Claims, String> {
        let cli = Cli::try_parse_from([&["gateway", "token", "--sub", "ann"], arguments].concat());
        match cli.map_err(|error| error.to_string())?.command {
            Some(Command::Token(token)) => token.claims(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_token_holds_what_it_is_told() {
        let claims = token(&[
            "--capability",
            "read",
            "--capability",
            "send,react",
            "--session",
            "1",
            "--session",
            "main",
            "--attribute",
            "team=red",
            "--attribute",
            "motto=a=b",
            "--member",
            "--role",
            "host",
            "--account-created",
            "1700000000",
            "--service",
        ])
        .unwrap();
        assert_eq!(
            serde_json::to_value(claims).unwrap(),
            serde_json::json!({"sub": "ann", "roles": ["host", "member"], "capabilities": ["read", "send", "react"],
                "sessions": ["1", "main"], "attributes": {"team": "red", "motto": "a=b"},
                "account_created": "2023-11-14T22:13:20Z", "aud": "live-chat-service"})
        );
        assert_eq!(token(&["--capabilities", "uncounted,read"]).unwrap().capabilities, ["uncounted", "read"]);
        assert_eq!(serde_json::to_value(token(&[]).unwrap()).unwrap(), serde_json::json!({"sub": "ann"}));
    }

    #[test]
    fn a_token_that_the_chat_would_not_take_as_it_is_is_not_made() {
        let long = format!("a={}", "x".repeat(1024));
        for (arguments, sentence) in [
            (&["--capability", "fly"][..], "a capability is one of read, send, react"),
            (&["--attribute", "team"], "an attribute is NAME=VALUE"),
            (&["--attribute", "=red"], "an attribute is NAME=VALUE"),
            (&["--attribute", &long], "1,024 bytes in all"),
            (&["--account-created", "yesterday"], "a time is as in"),
            (&["--issued-at", "soon"], "a time is as in"),
            (&["--service", "--ttl", "6m"], "5m at most"),
        ] {
            let refusal = token(arguments).unwrap_err();
            assert!(refusal.contains(sentence), "{refusal}");
        }
    }

    #[test]
    fn what_is_displayed_is_cleaned_or_refused() {
        assert_eq!(display_name(" \u{202e}Ali\u{200b}ce\n"), Ok("Alice".to_owned()));
        assert_eq!(badge("gold\u{200b}"), Ok("gold".to_owned()));
        assert_eq!(picture("https://example.org/a.png"), Ok("https://example.org/a.png".to_owned()));
        assert!(
            display_name("\u{3164}").is_err()
                && badge(&"x".repeat(51)).is_err()
                && picture("http://example.org").is_err()
        );
    }

    #[test]
    fn a_secret_of_the_edge_has_a_length_and_is_not_shown() {
        let secret = origin_secret(&"a".repeat(32)).unwrap();
        assert_eq!(format!("{secret:?}"), "Sensitive");
        for wrong in ["", "short", &"a".repeat(65), &format!("{}\n", "a".repeat(32)), &format!("{},b", "a".repeat(32))]
        {
            assert!(origin_secret(wrong).is_err_and(|sentence| !sentence.contains("aaa")), "{wrong:?}");
        }
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("12h"), Ok(SignedDuration::from_hours(12)));
        assert_eq!(duration("7d"), Ok(SignedDuration::from_hours(168)));
        assert_eq!(duration("90s"), Ok(SignedDuration::from_secs(90)));
        for text in ["", "h", "12", "-1h", "1.5h", "12é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
