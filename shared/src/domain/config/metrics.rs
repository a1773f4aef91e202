//! The settings of metrics.

use super::lookup::{ConfigError, Lookup};

/// The settings of metrics.
#[derive(Clone, Debug)]
pub struct MetricConfig {
    /// `LIVE_CHAT_METRICS`: the stack that the printed metrics are of; `None` prints none.
    pub stack: Option<String>,
}

impl MetricConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<MetricConfig, ConfigError> {
        let Some(stack) = lookup.text("LIVE_CHAT_METRICS") else { return Ok(MetricConfig { stack: None }) };
        let is_name = stack.len() <= 128 && stack.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_name {
            return Ok(MetricConfig { stack: Some(stack) });
        }
        Err(ConfigError::new("LIVE_CHAT_METRICS", &stack, "a stack's name: letters, digits and hyphens"))
    }
}
