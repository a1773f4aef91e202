//! The settings, a struct for each subject.
//!
//! A new setting is a field in the struct of its subject, which names the environment variable, with a line in that struct's `read`.
//! It also needs a parameter in `template.yaml` and a row in docs/contract.md, Settings. An unusable value is an error that names the
//! allowed values. There are no silent defaults for it.

mod jwt;
mod limits;
mod lookup;
mod metrics;
mod moderation;
mod origin;
mod outward;
mod pages;
mod review;
mod sessions;
mod sockets;
mod tables;

pub use self::jwt::{JwtConfig, JwtKey};
pub use self::limits::LimitConfig;
pub use self::lookup::ConfigError;
use self::lookup::Lookup;
pub use self::metrics::MetricConfig;
pub use self::moderation::{MIN_HELD_SECONDS, ModerationConfig};
pub use self::origin::{OriginConfig, is_origin_secret};
pub use self::outward::{EventBusName, OutwardConfig, WebhookConfig, WebhookSecret};
pub use self::pages::{PageConfig, PictureHost};
pub use self::review::{ReviewConfig, ReviewFunction, ReviewTarget};
pub use self::sessions::SessionConfig;
pub use self::sockets::SocketConfig;
pub use self::tables::TableConfig;

/// All settings of the chat.
#[derive(Clone, Debug)]
pub struct Config {
    /// The windows of sessions, their times and their retention.
    pub sessions: SessionConfig,
    /// The limits of users and pages.
    pub limits: LimitConfig,
    /// The sockets.
    pub sockets: SocketConfig,
    /// Moderation.
    pub moderation: ModerationConfig,
    /// The verification of tokens.
    pub jwt: JwtConfig,
    /// The edge.
    pub origin: OriginConfig,
    /// The page.
    pub pages: PageConfig,
    /// Events for the operator's own systems.
    pub outward: OutwardConfig,
    /// The names of the tables.
    pub tables: TableConfig,
    /// The metrics.
    pub metrics: MetricConfig,
}

impl Config {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// [`ConfigError`] for the first unusable value.
    pub fn from_environment() -> Result<Config, ConfigError> {
        Config::from_lookup(|variable| std::env::var(variable).ok())
    }

    /// Reads the settings through a look-up of environment variables.
    ///
    /// # Errors
    /// [`ConfigError`] for the first unusable value.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let lookup = Lookup::new(&lookup);
        Ok(Config {
            sessions: SessionConfig::read(&lookup)?,
            limits: LimitConfig::read(&lookup)?,
            sockets: SocketConfig::read(&lookup)?,
            moderation: ModerationConfig::read(&lookup)?,
            jwt: JwtConfig::read(&lookup)?,
            origin: OriginConfig::read(&lookup)?,
            pages: PageConfig::read(&lookup)?,
            outward: OutwardConfig::read(&lookup)?,
            tables: TableConfig::read(&lookup),
            metrics: MetricConfig::read(&lookup)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Time;

    use super::*;
    use crate::domain::schedule::Schedule;

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
        let Schedule::Daily(draw) = &config.sessions.schedule else { panic!("{:?}", config.sessions.schedule) };
        assert_eq!((draw.time, draw.before.as_hours(), draw.after.as_hours()), (Time::constant(20, 0, 0, 0), 1, 1));
        assert_eq!(config.sessions.zone.iana_name(), Some("America/New_York"));
        assert_eq!(
            (config.limits.messages_per_minute, config.limits.history_limit, config.limits.max_message_length),
            (Some(10), 100, 1000)
        );
        assert_eq!(
            (config.limits.viewer_timeout.as_secs(), config.sessions.retention.unwrap().as_hours()),
            (300, 90 * 24)
        );
        let budgets = &config.limits.budgets;
        assert_eq!((budgets.handshakes, budgets.tickets, budgets.pages), (Some(120), Some(120), Some(300)));
        assert_eq!(config.moderation.held.as_secs(), 300);
        assert!(config.sessions.enabled && config.sockets.query_token && config.metrics.stack.is_none());
    }

    #[test]
    fn zero_lifts_the_limit_and_keeps_for_ever() {
        let config =
            read(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0"), ("LIVE_CHAT_RETENTION_DAYS", "0")]).unwrap();
        assert_eq!((config.limits.messages_per_minute, config.sessions.retention), (None, None));
    }

    #[test]
    fn strikes_and_presets_are_read() {
        let off = read(&[]).unwrap().moderation;
        assert_eq!((off.strikes, off.presets.default.is_empty(), off.presets.shield.is_empty()), (None, true, false));
        let set = [("LIVE_CHAT_STRIKES", "5/60:600"), ("LIVE_CHAT_DEFAULT_MODES", r#"{"slow_seconds":3}"#)];
        let set = read(&set).unwrap().moderation;
        let strikes = set.strikes.unwrap();
        assert_eq!((strikes.limit, strikes.within.as_secs(), strikes.timeout.as_secs()), (5, 60, 600));
        assert!(!set.presets.default.is_empty());
        assert_eq!(read(&[("LIVE_CHAT_STRIKES", "0")]).unwrap().moderation.strikes, None);
    }

    #[test]
    fn pictures_come_from_nowhere_unless_hosts_are_named() {
        let hosts = |value: &str| {
            let pages = read(&[("LIVE_CHAT_PICTURE_HOSTS", value)]).unwrap().pages;
            pages.picture_hosts.iter().map(|host| host.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert!(read(&[]).unwrap().pages.picture_hosts.is_empty() && hosts("").is_empty());
        assert_eq!(hosts("pictures.example, IMG.example"), ["pictures.example", "img.example"]);
        assert_eq!(hosts(&["a.example"; 20].join(",")).len(), 20);
    }

    #[test]
    fn zero_lifts_each_budget() {
        let names = ["LIVE_CHAT_HANDSHAKES_PER_MINUTE", "LIVE_CHAT_TICKETS_PER_MINUTE", "LIVE_CHAT_PAGES_PER_MINUTE"];
        for (i, name) in names.into_iter().enumerate() {
            let budgets = read(&[(name, "0")]).unwrap().limits.budgets;
            let lifted = [budgets.handshakes, budgets.tickets, budgets.pages].map(|limit| limit.is_none());
            assert_eq!(lifted, std::array::from_fn(|j| i == j), "{name}");
        }
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
            ("LIVE_CHAT_HANDSHAKES_PER_MINUTE", "-1"),
            ("LIVE_CHAT_TICKETS_PER_MINUTE", "100001"),
            ("LIVE_CHAT_PAGES_PER_MINUTE", "many"),
            ("LIVE_CHAT_HELD_SECONDS", "9"),
            ("LIVE_CHAT_HELD_SECONDS", "86401"),
            ("LIVE_CHAT_MAX_MESSAGE_LENGTH", "1e3"),
            ("LIVE_CHAT_VIEWER_TIMEOUT_SECONDS", "0"),
            ("LIVE_CHAT_RETENTION_DAYS", "1.5"),
            ("LIVE_CHAT_HIDE_AT_REPORTS", "1"),
            ("LIVE_CHAT_HIDE_AT_REPORTS", "1001"),
            ("LIVE_CHAT_HIDE_AT_REPORTS", "few"),
            ("LIVE_CHAT_SHADOW", "maybe"),
            ("LIVE_CHAT_LINKS", "some"),
            ("LIVE_CHAT_QUERY_TOKEN", "yes"),
            ("LIVE_CHAT_METRICS", "my stack"),
            ("JWT_ROLES_CLAIM", "realm_access.roles"),
            ("JWT_NAME_CLAIM", "/a~2"),
            ("JWT_ROLE_MAP", "chat-mods=moderator"),
            ("JWT_ROLE_MAP", r#"{"chat-mods":"admin"}"#),
            ("JWT_ROLE_MAP", r#"{"chat-mods":["moderator"]}"#),
            ("JWT_AUDIENCE", "live-chat-service"),
            ("LIVE_CHAT_DEFAULT_MODES", "slow"),
            ("LIVE_CHAT_DEFAULT_MODES", r#"{"slow_seconds":121}"#),
            ("LIVE_CHAT_SHIELD_MODES", r#"{"slow":3}"#),
            ("LIVE_CHAT_STRIKES", "5"),
            ("LIVE_CHAT_STRIKES", "1/60:600"),
            ("LIVE_CHAT_STRIKES", "5/601:600"),
            ("LIVE_CHAT_STRIKES", "5/60:0"),
            ("LIVE_CHAT_PICTURE_HOSTS", "https://pictures.example"),
            ("LIVE_CHAT_PICTURE_HOSTS", "pictures.example,"),
            ("LIVE_CHAT_PICTURE_HOSTS", "*"),
            ("LIVE_CHAT_PICTURE_HOSTS", &["a.example"; 21].join(",")),
        ] {
            let error = read(&[("JWT_SECRET", "s"), (variable, value)]).unwrap_err();
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

    #[test]
    fn services_have_one_secret_which_is_not_shown() {
        let (secret, arn) = (("LIVE_CHAT_SERVICE_SECRET", "hush"), ("LIVE_CHAT_SERVICE_SECRET_ARN", "arn"));
        assert!(read(&[]).unwrap().jwt.service.is_none());
        assert!(matches!(read(&[secret]).unwrap().jwt.service, Some(JwtKey::Secret(text)) if text == "hush"));
        assert!(matches!(read(&[arn]).unwrap().jwt.service, Some(JwtKey::SecretArn(text)) if text == "arn"));
        let both = read(&[secret, arn]).unwrap_err();
        assert_eq!(both.variable, "LIVE_CHAT_SERVICE_SECRET");
        assert!(!both.to_string().contains("hush") && !format!("{:?}", read(&[secret]).unwrap()).contains("hush"));
    }

    #[test]
    fn a_key_set_needs_an_audience_because_it_signs_tokens_of_other_applications_too() {
        let url = ("JWT_JWKS_URL", "https://issuer.example/keys");
        for without in [&[url][..], &[url, ("JWT_AUDIENCE", "")], &[url, ("JWT_ISSUER", "https://issuer.example")]] {
            let error = read(without).unwrap_err();
            assert_eq!((error.variable, error.value.as_str()), ("JWT_AUDIENCE", "not set"));
            assert!(error.to_string().contains("JWT_JWKS_URL"), "{error}");
        }
        assert_eq!(read(&[url, ("JWT_AUDIENCE", "chat")]).unwrap().jwt.audience.as_deref(), Some("chat"));
        for key in ["JWT_SECRET", "JWT_SECRET_ARN", "JWT_PUBLIC_KEY"] {
            assert_eq!(read(&[(key, "a key of our own")]).unwrap().jwt.audience, None, "{key}");
        }
    }
}
