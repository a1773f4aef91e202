//! Moderation.

use std::time::Duration;

use jiff::SignedDuration;

use super::lookup::{ConfigError, Lookup};
use super::review::ReviewConfig;
use crate::domain::moderation::clickable::LinksFrom;
use crate::domain::moderation::modes::ModesChange;
use crate::domain::moderation::pace::Strikes;
use crate::domain::moderation::presets::Presets;

/// The shield of rooms for which nobody chose another: it slows a raid, stops its links and its copies.
const SHIELD_MODES: &str = r#"{"slow_seconds":30,"links":"block","unique_seconds":60}"#;

/// The shortest time that staff may have for a held message, in seconds.
pub const MIN_HELD_SECONDS: i64 = 10;

/// Moderation.
#[derive(Clone, Debug)]
pub struct ModerationConfig {
    /// `LIVE_CHAT_APPEAL_URL`: where a sanctioned user is told to appeal.
    pub appeal_url: Option<String>,
    /// `LIVE_CHAT_AUDIT_RETENTION_DAYS`: how long the entries of the audit log are kept.
    pub audit_retention: SignedDuration,
    /// `LIVE_CHAT_HELD_SECONDS`: after so long, a held message on which nobody decided is denied.
    pub held: SignedDuration,
    /// `LIVE_CHAT_LINKS`: whose addresses clients turn into links.
    pub links: LinksFrom,
    /// The operator's review handler.
    pub review: ReviewConfig,
    /// `LIVE_CHAT_DEFAULT_MODES` and `LIVE_CHAT_SHIELD_MODES`: the presets of rooms that saved none.
    pub presets: Presets,
    /// `LIVE_CHAT_STRIKES`: the refusals that put their author into a timeout; `None` for never.
    pub strikes: Option<Strikes>,
    /// `LIVE_CHAT_HIDE_AT_REPORTS`: so many users who report a message hide it until staff decide; `None` never hides one.
    pub hide_at_reports: Option<u64>,
    /// `LIVE_CHAT_SHADOW`: whether users and messages may be shadowed. Where users must be notified of each sanction, they may not.
    pub shadow: bool,
}

impl ModerationConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<ModerationConfig, ConfigError> {
        let days = lookup.number("LIVE_CHAT_AUDIT_RETENTION_DAYS", 400, 1..=36_500)?;
        let held = lookup.number("LIVE_CHAT_HELD_SECONDS", 300, MIN_HELD_SECONDS..=86_400)?;
        Ok(ModerationConfig {
            appeal_url: appeal_url(lookup)?,
            audit_retention: SignedDuration::from_hours(24 * days),
            held: SignedDuration::from_secs(held),
            links: links(lookup)?,
            review: ReviewConfig::read(lookup)?,
            presets: Presets {
                default: modes(lookup, "LIVE_CHAT_DEFAULT_MODES", "{}")?,
                shield: modes(lookup, "LIVE_CHAT_SHIELD_MODES", SHIELD_MODES)?,
            },
            strikes: strikes(lookup)?,
            hide_at_reports: hide_at_reports(lookup)?,
            shadow: lookup.flag("LIVE_CHAT_SHADOW", true)?,
        })
    }
}

fn modes(lookup: &Lookup<'_>, variable: &'static str, default: &str) -> Result<ModesChange, ConfigError> {
    let text = lookup.text(variable).unwrap_or_else(|| default.to_owned());
    let change = serde_json::from_str(&text).map_err(|error| error.to_string());
    let change = change.and_then(|value| ModesChange::parse("modes", &value).map_err(|error| error.to_string()));
    change.map_err(|error| ConfigError::new(variable, &text, format!("an object of modes ({error})")))
}

fn links(lookup: &Lookup<'_>) -> Result<LinksFrom, ConfigError> {
    const VARIABLE: &str = "LIVE_CHAT_LINKS";
    let Some(text) = lookup.text(VARIABLE) else { return Ok(LinksFrom::default()) };
    text.parse().map_err(|()| ConfigError::new(VARIABLE, &text, "staff, all or none"))
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

/// A single report must not hide a message: nobody decides alone what all others see.
fn hide_at_reports(lookup: &Lookup<'_>) -> Result<Option<u64>, ConfigError> {
    const VARIABLE: &str = "LIVE_CHAT_HIDE_AT_REPORTS";
    match lookup.number(VARIABLE, 0, 0..=1000)? {
        0 => Ok(None),
        1 => Err(ConfigError::new(VARIABLE, "1", "0, or a whole number from 2 to 1000")),
        reports => Ok(Some(reports as u64)),
    }
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
