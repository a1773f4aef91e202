//! The settings, each named by its environment variable. A wrong value is an error that says what is allowed; there is
//! no silent default for it.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::domain::schedule::{DailyDraw, Schedule};

/// All settings of the chat.
#[derive(Clone, Debug)]
pub struct Config {
    /// `LIVE_CHAT_ENABLED`.
    pub enabled: bool,
    /// `LIVE_CHAT_SCHEDULE`, with `DRAW_TIME_HOUR`, `DRAW_TIME_MINUTE`, `LIVE_CHAT_PRE_DRAW_HOURS` and
    /// `LIVE_CHAT_POST_DRAW_HOURS`.
    pub schedule: Schedule,
    /// `DRAW_TIMEZONE`: the zone of the draw and of every time on the wire.
    pub zone: TimeZone,
    /// `LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE`; `None` lifts the limit.
    pub messages_per_minute: Option<usize>,
    /// `LIVE_CHAT_MESSAGE_HISTORY_LIMIT`: the largest page of messages.
    pub history_limit: usize,
    /// `LIVE_CHAT_MAX_MESSAGE_LENGTH` in characters.
    pub max_message_length: usize,
    /// `LIVE_CHAT_VIEWER_TIMEOUT_SECONDS`.
    pub viewer_timeout: Duration,
    /// `LIVE_CHAT_RETENTION_DAYS`; `None` keeps for ever.
    pub retention: Option<SignedDuration>,
    /// `LIVE_CHAT_QUERY_TOKEN`: whether a socket may bring its token in the query.
    pub query_token: bool,
    /// `LIVE_CHAT_POSTS_PER_SECOND`: how many frames a second the broadcast may post; `None` lifts the limit. An AWS
    /// account has 10,000 requests a second over everything; by default a quarter stays for REST and inbound frames.
    pub posts_per_second: Option<u32>,
    /// `LIVE_CHAT_METRICS`: the stack under whose name metrics are printed; `None` prints none.
    pub metrics: Option<String>,
    /// How tokens are verified.
    pub jwt: JwtConfig,
    /// `CHAT_TABLE`.
    pub chat_table: String,
    /// `CONNECTIONS_TABLE`.
    pub connections_table: String,
}

/// How tokens are verified.
#[derive(Clone)]
pub struct JwtConfig {
    /// The key.
    pub key: JwtKey,
    /// `JWT_ISSUER`.
    pub issuer: Option<String>,
    /// `JWT_AUDIENCE`.
    pub audience: Option<String>,
}

/// Where the key comes from.
#[derive(Clone)]
pub enum JwtKey {
    /// `JWT_SECRET` (HS256, HS384, HS512).
    Secret(String),
    /// `JWT_PUBLIC_KEY` in PEM.
    PublicKey(String),
    /// `JWT_SECRET_ARN`: a secret in AWS Secrets Manager, its current version and the one before.
    SecretArn(String),
    /// `JWT_JWKS_URL`: the address of a JSON Web Key Set (RFC 7517).
    JwksUrl(String),
}

impl std::fmt::Debug for JwtConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key stays out of every log.
        formatter
            .debug_struct("JwtConfig")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {value}, but must be {allowed}")]
pub struct ConfigError {
    /// The environment variable.
    pub variable: &'static str,
    /// What it holds, quoted (a secret is not shown).
    pub value: String,
    /// What it may hold.
    pub allowed: String,
}

/// Messages longer than this could not be sent in one frame of 32 KB, whatever their characters.
const MAX_POSSIBLE_MESSAGE_LENGTH: i64 = 5000;

impl Config {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// [`ConfigError`] for the first value that cannot be used.
    pub fn from_environment() -> Result<Config, ConfigError> {
        Config::from_lookup(|variable| std::env::var(variable).ok())
    }

    /// Reads the settings through a look-up of environment variables.
    ///
    /// # Errors
    /// [`ConfigError`] for the first value that cannot be used.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let settings = Settings { lookup: &|variable| lookup(variable).filter(|value| !value.is_empty()) };
        let zone = settings.zone("DRAW_TIMEZONE", "America/New_York")?;
        let per_minute = settings.number("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", 10, 0..=1000)?;
        let retention_days = settings.number("LIVE_CHAT_RETENTION_DAYS", 90, 0..=36_500)?;
        let posts = settings.number("LIVE_CHAT_POSTS_PER_SECOND", 7500, 0..=1_000_000)?;
        Ok(Config {
            enabled: settings.flag("LIVE_CHAT_ENABLED", true)?,
            schedule: settings.schedule()?,
            zone,
            messages_per_minute: (per_minute > 0).then_some(per_minute as usize),
            history_limit: settings.number("LIVE_CHAT_MESSAGE_HISTORY_LIMIT", 100, 1..=1000)? as usize,
            max_message_length: settings.number(
                "LIVE_CHAT_MAX_MESSAGE_LENGTH",
                1000,
                1..=MAX_POSSIBLE_MESSAGE_LENGTH,
            )? as usize,
            viewer_timeout: Duration::from_secs(
                settings.number("LIVE_CHAT_VIEWER_TIMEOUT_SECONDS", 300, 1..=86_400)? as u64
            ),
            retention: (retention_days > 0).then(|| SignedDuration::from_hours(24 * retention_days)),
            query_token: settings.flag("LIVE_CHAT_QUERY_TOKEN", true)?,
            posts_per_second: (posts > 0).then_some(posts as u32),
            metrics: settings.stack("LIVE_CHAT_METRICS")?,
            jwt: settings.jwt()?,
            chat_table: settings.text("CHAT_TABLE").unwrap_or_else(|| "live-chat-chat".to_owned()),
            connections_table: settings.text("CONNECTIONS_TABLE").unwrap_or_else(|| "live-chat-connections".to_owned()),
        })
    }
}

/// Reads single settings.
struct Settings<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl Settings<'_> {
    fn text(&self, variable: &str) -> Option<String> {
        (self.lookup)(variable)
    }

    fn flag(&self, variable: &'static str, usual: bool) -> Result<bool, ConfigError> {
        match self.text(variable).as_deref() {
            None => Ok(usual),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(value) => Err(wrong(variable, value, "true or false")),
        }
    }

    fn number(&self, variable: &'static str, usual: i64, allowed: RangeInclusive<i64>) -> Result<i64, ConfigError> {
        let Some(text) = self.text(variable) else { return Ok(usual) };
        text.parse().ok().filter(|number| allowed.contains(number)).ok_or_else(|| {
            wrong(variable, &text, &format!("a whole number from {} to {}", allowed.start(), allowed.end()))
        })
    }

    fn stack(&self, variable: &'static str) -> Result<Option<String>, ConfigError> {
        let Some(name) = self.text(variable) else { return Ok(None) };
        let is_name = name.len() <= 128 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_name {
            Ok(Some(name))
        } else {
            Err(wrong(variable, &name, "a stack's name: letters, digits and hyphens"))
        }
    }

    fn zone(&self, variable: &'static str, usual: &str) -> Result<TimeZone, ConfigError> {
        let name = self.text(variable).unwrap_or_else(|| usual.to_owned());
        TimeZone::get(&name).map_err(|_| wrong(variable, &name, "a time zone's name, such as America/New_York or UTC"))
    }

    fn schedule(&self) -> Result<Schedule, ConfigError> {
        let time = Time::constant(
            self.number("DRAW_TIME_HOUR", 20, 0..=23)? as i8,
            self.number("DRAW_TIME_MINUTE", 0, 0..=59)? as i8,
            0,
            0,
        );
        let before = self.number("LIVE_CHAT_PRE_DRAW_HOURS", 1, 0..=22)?;
        let after = self.number("LIVE_CHAT_POST_DRAW_HOURS", 1, 0..=22)?;
        if !(1..23).contains(&(before + after)) {
            let allowed =
                format!("a number that makes 1 to 22 together with LIVE_CHAT_PRE_DRAW_HOURS, which is {before}");
            return Err(wrong("LIVE_CHAT_POST_DRAW_HOURS", &after.to_string(), &allowed));
        }
        match self.text("LIVE_CHAT_SCHEDULE").as_deref() {
            None | Some("daily") => Ok(Schedule::Daily(DailyDraw {
                time,
                before: SignedDuration::from_hours(before),
                after: SignedDuration::from_hours(after),
            })),
            Some("always") => Ok(Schedule::Always),
            Some(value) => Err(wrong("LIVE_CHAT_SCHEDULE", value, "daily or always")),
        }
    }

    fn jwt(&self) -> Result<JwtConfig, ConfigError> {
        const SOURCES: [&str; 4] = ["JWT_SECRET", "JWT_SECRET_ARN", "JWT_PUBLIC_KEY", "JWT_JWKS_URL"];
        let given: Vec<&'static str> = SOURCES.into_iter().filter(|variable| self.text(variable).is_some()).collect();
        let key = match given.as_slice() {
            ["JWT_SECRET"] => JwtKey::Secret(self.text("JWT_SECRET").unwrap_or_default()),
            ["JWT_SECRET_ARN"] => JwtKey::SecretArn(self.text("JWT_SECRET_ARN").unwrap_or_default()),
            ["JWT_JWKS_URL"] => JwtKey::JwksUrl(self.text("JWT_JWKS_URL").unwrap_or_default()),
            ["JWT_PUBLIC_KEY"] => JwtKey::PublicKey(self.text("JWT_PUBLIC_KEY").unwrap_or_default()),
            [] => {
                return Err(ConfigError {
                    variable: "JWT_SECRET",
                    value: "not set".to_owned(),
                    allowed: "set (or one of JWT_SECRET_ARN, JWT_PUBLIC_KEY, JWT_JWKS_URL instead of it)".to_owned(),
                });
            }
            [first, others @ ..] => {
                let allowed = format!("the only source of keys, but {} is set, too", others.join(", "));
                return Err(ConfigError { variable: first, value: "set".to_owned(), allowed });
            }
        };
        Ok(JwtConfig { key, issuer: self.text("JWT_ISSUER"), audience: self.text("JWT_AUDIENCE") })
    }
}

fn wrong(variable: &'static str, value: &str, allowed: &str) -> ConfigError {
    ConfigError { variable, value: format!("{value:?}"), allowed: allowed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|variable| {
            let given = pairs.iter().find(|(name, _)| *name == variable).map(|(_, value)| (*value).to_owned());
            given.or_else(|| {
                (variable == "JWT_SECRET" && !pairs.iter().any(|(name, _)| name.starts_with("JWT_")))
                    .then(|| "s".to_owned())
            })
        })
    }

    #[test]
    fn the_defaults_are_the_contracts() {
        let config = read(&[]).unwrap();
        let Schedule::Daily(draw) = &config.schedule else { panic!("{:?}", config.schedule) };
        assert_eq!((draw.time, draw.before.as_hours(), draw.after.as_hours()), (Time::constant(20, 0, 0, 0), 1, 1));
        assert_eq!(config.zone.iana_name(), Some("America/New_York"));
        assert_eq!(
            (config.messages_per_minute, config.history_limit, config.max_message_length),
            (Some(10), 100, 1000)
        );
        assert_eq!((config.viewer_timeout.as_secs(), config.retention.unwrap().as_hours()), (300, 90 * 24));
        assert!(config.enabled && config.query_token && config.metrics.is_none());
    }

    #[test]
    fn zero_lifts_the_limit_and_keeps_for_ever() {
        let config =
            read(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0"), ("LIVE_CHAT_RETENTION_DAYS", "0")]).unwrap();
        assert_eq!((config.messages_per_minute, config.retention), (None, None));
    }

    #[test]
    fn a_wrong_value_is_named_with_what_is_allowed() {
        for (variable, value) in [
            ("LIVE_CHAT_ENABLED", "maybe"),
            ("LIVE_CHAT_SCHEDULE", "weekly"),
            ("LIVE_CHAT_POST_DRAW_HOURS", "22"),
            ("DRAW_TIME_HOUR", "24"),
            ("DRAW_TIME_MINUTE", "-1"),
            ("DRAW_TIMEZONE", "Mars/Olympus"),
            ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "ten"),
            ("LIVE_CHAT_MESSAGE_HISTORY_LIMIT", "0"),
            ("LIVE_CHAT_MAX_MESSAGE_LENGTH", "1e3"),
            ("LIVE_CHAT_VIEWER_TIMEOUT_SECONDS", "0"),
            ("LIVE_CHAT_RETENTION_DAYS", "1.5"),
            ("LIVE_CHAT_QUERY_TOKEN", "yes"),
            ("LIVE_CHAT_METRICS", "my stack"),
        ] {
            let error = read(&[(variable, value)]).unwrap_err();
            assert_eq!((error.variable, error.value.as_str()), (variable, format!("{value:?}").as_str()));
            assert!(error.to_string().contains("must be"), "{error}");
        }
    }

    #[test]
    fn exactly_one_source_of_keys_is_needed_and_none_is_shown() {
        assert_eq!(read(&[("JWT_ISSUER", "i")]).unwrap_err().variable, "JWT_SECRET");
        let both = read(&[("JWT_SECRET", "hush"), ("JWT_PUBLIC_KEY", "pem")]).unwrap_err();
        assert!(!both.to_string().contains("hush") && both.to_string().contains("JWT_PUBLIC_KEY"), "{both}");
        assert!(!format!("{:?}", read(&[("JWT_SECRET", "hush")]).unwrap()).contains("hush"));
    }
}
