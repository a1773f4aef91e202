//! Moderation.

use jiff::SignedDuration;

use super::lookup::{ConfigError, Lookup};
use super::review::ReviewConfig;

/// Moderation.
#[derive(Clone, Debug)]
pub struct ModerationConfig {
    /// `LIVE_CHAT_APPEAL_URL`: where a sanctioned user is told to appeal.
    pub appeal_url: Option<String>,
    /// `LIVE_CHAT_AUDIT_RETENTION_DAYS`: how long the entries of the audit log are kept.
    pub audit_retention: SignedDuration,
    /// The operator's review handler.
    pub review: ReviewConfig,
}

impl ModerationConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<ModerationConfig, ConfigError> {
        let days = lookup.number("LIVE_CHAT_AUDIT_RETENTION_DAYS", 400, 1..=36_500)?;
        Ok(ModerationConfig {
            appeal_url: appeal_url(lookup)?,
            audit_retention: SignedDuration::from_hours(24 * days),
            review: ReviewConfig::read(lookup)?,
        })
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
