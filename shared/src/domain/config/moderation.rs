//! Moderation.

use std::time::Duration;

use jiff::SignedDuration;

use super::lookup::{ConfigError, Lookup};
use crate::domain::moderation::modes::ModesChange;
use crate::domain::moderation::pace::Strikes;
use crate::domain::moderation::presets::Presets;

/// The shield of rooms for which nobody chose another: it slows a raid, stops its links and its copies.
const SHIELD_MODES: &str = r#"{"slow_seconds":30,"links":"block","unique_seconds":60}"#;

/// Moderation.
#[derive(Clone, Debug)]
pub struct ModerationConfig {
    /// `LIVE_CHAT_APPEAL_URL`: where a sanctioned user is told to appeal.
    pub appeal_url: Option<String>,
    /// `LIVE_CHAT_AUDIT_RETENTION_DAYS`: how long the entries of the audit log are kept.
    pub audit_retention: SignedDuration,
    /// `LIVE_CHAT_DEFAULT_MODES` and `LIVE_CHAT_SHIELD_MODES`: the presets of rooms that saved none.
    pub presets: Presets,
    /// `LIVE_CHAT_STRIKES`: the refusals that put their author into a timeout; `None` for never.
    pub strikes: Option<Strikes>,
}

impl ModerationConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<ModerationConfig, ConfigError> {
        let days = lookup.number("LIVE_CHAT_AUDIT_RETENTION_DAYS", 400, 1..=36_500)?;
        Ok(ModerationConfig {
            appeal_url: appeal_url(lookup)?,
            audit_retention: SignedDuration::from_hours(24 * days),
            presets: Presets {
                default: modes(lookup, "LIVE_CHAT_DEFAULT_MODES", "{}")?,
                shield: modes(lookup, "LIVE_CHAT_SHIELD_MODES", SHIELD_MODES)?,
            },
            strikes: strikes(lookup)?,
        })
    }
}

fn modes(lookup: &Lookup<'_>, variable: &'static str, default: &str) -> Result<ModesChange, ConfigError> {
    let text = lookup.text(variable).unwrap_or_else(|| default.to_owned());
    let change = serde_json::from_str(&text).map_err(|error| error.to_string());
    let change = change.and_then(|value| ModesChange::parse("modes", &value).map_err(|error| error.to_string()));
    change.map_err(|error| ConfigError::new(variable, &text, format!("an object of modes ({error})")))
}

fn strikes(lookup: &Lookup<'_>) -> Result<Option<Strikes>, ConfigError> {
    const VARIABLE: &str = "LIVE_CHAT_STRIKES";
    let Some(text) = lookup.text(VARIABLE).filter(|text| text != "0") else { return Ok(None) };
    let allowed = "0, or refusals/seconds:timeout such as 5/60:600: 2 to 100 refusals within 1 to 600 seconds, a timeout of 1 to 1209600";
    let read = || {
        let (limit, rest) = text.split_once('/')?;
        let (within, timeout) = rest.split_once(':')?;
        let (limit, within, timeout) = (limit.parse().ok()?, within.parse().ok()?, timeout.parse().ok()?);
        let is_usable = (2..=100).contains(&limit) && (1..=600).contains(&within) && (1..=1_209_600).contains(&timeout);
        let (within, timeout) = (Duration::from_secs(within), Duration::from_secs(timeout));
        is_usable.then_some(Strikes { limit, within, timeout })
    };
    read().map(Some).ok_or_else(|| ConfigError::new(VARIABLE, &text, allowed))
}

fn appeal_url(lookup: &Lookup<'_>) -> Result<Option<String>, ConfigError> {
    const VARIABLE: &str = "LIVE_CHAT_APPEAL_URL";
    let Some(value) = lookup.text(VARIABLE) else { return Ok(None) };
    let is_address = url::Url::parse(&value).is_ok_and(|url| matches!(url.scheme(), "https" | "mailto"));
    if is_address {
        return Ok(Some(value));
    }
    Err(ConfigError::new(VARIABLE, &value, "an address such as https://… or mailto:…"))
}
