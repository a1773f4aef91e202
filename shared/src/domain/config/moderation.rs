//! Moderation.

use jiff::SignedDuration;

use super::lookup::{ConfigError, Lookup};

/// Moderation.
#[derive(Clone, Debug)]
pub struct ModerationConfig {
    /// `LIVE_CHAT_APPEAL_URL`: where a sanctioned user is told to appeal.
    pub appeal_url: Option<String>,
    /// `LIVE_CHAT_AUDIT_RETENTION_DAYS`: how long the entries of the audit log are kept.
    pub audit_retention: SignedDuration,
    /// `LIVE_CHAT_HIDE_AT_REPORTS`: so many users who report a message hide it until staff decide; `None` never hides one.
    pub hide_at_reports: Option<u64>,
}

impl ModerationConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<ModerationConfig, ConfigError> {
        let days = lookup.number("LIVE_CHAT_AUDIT_RETENTION_DAYS", 400, 1..=36_500)?;
        Ok(ModerationConfig {
            appeal_url: appeal_url(lookup)?,
            audit_retention: SignedDuration::from_hours(24 * days),
            hide_at_reports: hide_at_reports(lookup)?,
        })
    }
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
