//! Reads single settings, and describes unusable values.

use std::ops::RangeInclusive;

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {value}, but must be {allowed}")]
pub struct ConfigError {
    /// The environment variable.
    pub variable: &'static str,
    /// Its value, quoted. A secret is not shown.
    pub value: String,
    /// The allowed values.
    pub allowed: String,
}

impl ConfigError {
    /// The error of a variable with this value.
    pub(super) fn new(variable: &'static str, value: &str, allowed: impl Into<String>) -> ConfigError {
        ConfigError { variable, value: format!("{value:?}"), allowed: allowed.into() }
    }
}

/// The environment variables.
pub(super) struct Lookup<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Lookup<'_> {
    pub(super) fn new(variable: &dyn Fn(&str) -> Option<String>) -> Lookup<'_> {
        Lookup { variable }
    }

    /// A text; an empty one counts as not set.
    pub(super) fn text(&self, variable: &str) -> Option<String> {
        (self.variable)(variable).filter(|value| !value.is_empty())
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, variable: &'static str, default: bool) -> Result<bool, ConfigError> {
        match self.text(variable).as_deref() {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(value) => Err(ConfigError::new(variable, value, "true or false")),
        }
    }

    /// A whole number within a range.
    pub(super) fn number(
        &self,
        variable: &'static str,
        default: i64,
        allowed: RangeInclusive<i64>,
    ) -> Result<i64, ConfigError> {
        let Some(text) = self.text(variable) else { return Ok(default) };
        text.parse().ok().filter(|number| allowed.contains(number)).ok_or_else(|| {
            let range = format!("a whole number from {} to {}", allowed.start(), allowed.end());
            ConfigError::new(variable, &text, range)
        })
    }

    /// A limit of at most `max`; `None` for 0, which lifts it.
    pub(super) fn limit(&self, variable: &'static str, default: i64, max: i64) -> Result<Option<i64>, ConfigError> {
        self.number(variable, default, 0..=max).map(|number| (number > 0).then_some(number))
    }
}
