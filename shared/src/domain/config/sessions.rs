//! The settings of sessions.

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::lookup::{ConfigError, Lookup};
use crate::domain::reactions::set::ReactionSet;
use crate::domain::schedule::{DailyDraw, Schedule};

/// The settings of sessions.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// `LIVE_CHAT_ENABLED`.
    pub enabled: bool,
    /// `LIVE_CHAT_SCHEDULE`, with `DRAW_TIME_HOUR`, `DRAW_TIME_MINUTE`, `LIVE_CHAT_PRE_DRAW_HOURS` and
    /// `LIVE_CHAT_POST_DRAW_HOURS`.
    pub schedule: Schedule,
    /// `DRAW_TIMEZONE`: the zone of the draw and of all times on the wire.
    pub zone: TimeZone,
    /// `LIVE_CHAT_RETENTION_DAYS`; `None` keeps history for ever.
    pub retention: Option<SignedDuration>,
    /// `LIVE_CHAT_REACTIONS`: what viewers can react with.
    pub reactions: ReactionSet,
}

impl SessionConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<SessionConfig, ConfigError> {
        Ok(SessionConfig {
            enabled: lookup.flag("LIVE_CHAT_ENABLED", true)?,
            schedule: schedule(lookup)?,
            zone: zone(lookup)?,
            retention: lookup
                .limit("LIVE_CHAT_RETENTION_DAYS", 90, 36_500)?
                .map(|days| SignedDuration::from_hours(24 * days)),
            reactions: reactions(lookup)?,
        })
    }
}

fn schedule(lookup: &Lookup<'_>) -> Result<Schedule, ConfigError> {
    let hour = lookup.number("DRAW_TIME_HOUR", 20, 0..=23)? as i8;
    let minute = lookup.number("DRAW_TIME_MINUTE", 0, 0..=59)? as i8;
    let before = lookup.number("LIVE_CHAT_PRE_DRAW_HOURS", 1, 0..=22)?;
    let after = lookup.number("LIVE_CHAT_POST_DRAW_HOURS", 1, 0..=22)?;
    if !(1..=22).contains(&(before + after)) {
        let allowed = format!("a number that makes 1 to 22 together with LIVE_CHAT_PRE_DRAW_HOURS, which is {before}");
        return Err(ConfigError::new("LIVE_CHAT_POST_DRAW_HOURS", &after.to_string(), allowed));
    }
    match lookup.text("LIVE_CHAT_SCHEDULE").as_deref() {
        None | Some("daily") => Ok(Schedule::Daily(DailyDraw {
            time: Time::constant(hour, minute, 0, 0),
            before: SignedDuration::from_hours(before),
            after: SignedDuration::from_hours(after),
        })),
        Some("always") => Ok(Schedule::Always),
        Some("manual") => Ok(Schedule::Manual),
        Some(value) => Err(ConfigError::new("LIVE_CHAT_SCHEDULE", value, "daily, always or manual")),
    }
}

fn reactions(lookup: &Lookup<'_>) -> Result<ReactionSet, ConfigError> {
    const VARIABLE: &str = "LIVE_CHAT_REACTIONS";
    let Some(text) = lookup.text(VARIABLE) else { return Ok(ReactionSet::default()) };
    ReactionSet::parse(&text).ok_or_else(|| ConfigError::new(VARIABLE, &text, ReactionSet::allowed()))
}

fn zone(lookup: &Lookup<'_>) -> Result<TimeZone, ConfigError> {
    let name = lookup.text("DRAW_TIMEZONE").unwrap_or_else(|| "America/New_York".to_owned());
    let allowed = "a time zone's name, such as America/New_York or UTC";
    TimeZone::get(&name).map_err(|_| ConfigError::new("DRAW_TIMEZONE", &name, allowed))
}
