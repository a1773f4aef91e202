//! The secrets by which functions know the edge.

use super::lookup::{ConfigError, Lookup};

/// The present secret, the one before and the next one: a deployment moves on by one, and functions and edge change at different times.
const MOST_SECRETS: usize = 3;
const LENGTHS: std::ops::RangeInclusive<usize> = 32..=64;

/// How functions know that a request came through the edge.
#[derive(Clone)]
pub struct OriginConfig {
    /// `LIVE_CHAT_ORIGIN_SECRETS`, separated by commas: the edge sends one of them. None: any origin may call.
    pub secrets: Vec<String>,
}

impl OriginConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<OriginConfig, ConfigError> {
        const VARIABLE: &str = "LIVE_CHAT_ORIGIN_SECRETS";
        let Some(text) = lookup.text(VARIABLE) else { return Ok(OriginConfig { secrets: Vec::new() }) };
        let secrets: Vec<String> = text.split(',').map(str::to_owned).collect();
        if secrets.len() <= MOST_SECRETS && secrets.iter().all(|secret| is_origin_secret(secret)) {
            return Ok(OriginConfig { secrets });
        }
        Err(ConfigError {
            variable: VARIABLE,
            value: "set to something else".to_owned(),
            allowed: "one to three secrets of 32 to 64 letters and digits, separated by commas".to_owned(),
        })
    }
}

/// Whether a text can be a secret of the edge.
pub fn is_origin_secret(text: &str) -> bool {
    LENGTHS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl std::fmt::Debug for OriginConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The secrets stay out of every log.
        formatter.debug_struct("OriginConfig").field("secrets", &self.secrets.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<OriginConfig, ConfigError> {
        OriginConfig::read(&Lookup::new(&|_| Some(value.to_owned())))
    }

    #[test]
    fn one_to_three_secrets_are_read_and_none_is_shown() {
        let (one, two, three) = ("a".repeat(32), "B".repeat(64), "7".repeat(40));
        assert!(read("").unwrap().secrets.is_empty());
        for secrets in [vec![&one], vec![&one, &two], vec![&one, &two, &three]] {
            let text = secrets.iter().map(|secret| secret.as_str()).collect::<Vec<_>>().join(",");
            let config = read(&text).unwrap();
            assert_eq!(config.secrets.iter().collect::<Vec<_>>(), secrets);
            assert!(!format!("{config:?}").contains(&one), "{config:?}");
        }
    }

    #[test]
    fn anything_else_is_an_error_that_does_not_show_it() {
        let good = "a".repeat(32);
        for wrong in [
            "a".repeat(31),
            "a".repeat(65),
            format!("{good},"),
            format!(",{good}"),
            format!("{good}, {good}"),
            format!("{good}\n"),
            format!("{}-", "a".repeat(32)),
            format!("{}é", "a".repeat(32)),
            [good.as_str(); 4].join(","),
            ",".to_owned(),
            " ".to_owned(),
        ] {
            let error = read(&wrong).unwrap_err();
            assert_eq!(error.variable, "LIVE_CHAT_ORIGIN_SECRETS");
            assert!(!error.to_string().contains("aaaa") && error.to_string().contains("32 to 64"), "{error}");
        }
    }
}
