//! The operator's review handler.

use std::time::Duration;

use url::Url;

use super::lookup::{ConfigError, Lookup};
use crate::domain::moderation::review::Fallback;

const FUNCTION: &str = "LIVE_CHAT_REVIEW_FUNCTION";
const FALLBACK: &str = "LIVE_CHAT_REVIEW_FALLBACK";

/// The operator's review handler (docs/contract.md, Review handler).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewConfig {
    /// `LIVE_CHAT_REVIEW_FUNCTION`; `None` if nobody reviews.
    pub handler: Option<ReviewTarget>,
    /// `LIVE_CHAT_REVIEW_TIMEOUT_MS`: the time that a review may take, with all that it takes to connect.
    pub timeout: Duration,
    /// `LIVE_CHAT_REVIEW_FALLBACK`: what becomes of a message on which the handler says nothing.
    pub fallback: Fallback,
    /// `LIVE_CHAT_REVIEW_IP`: whether the handler gets the address from which a message was sent.
    pub sends_ip: bool,
}

/// Where the handler is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewTarget {
    /// A Lambda function.
    Function(ReviewFunction),
    /// A server, which stands in for the function where there is no Lambda.
    Address(Url),
}

/// A Lambda function: its ARN, or a name in the chat's own account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewFunction {
    /// The name or the ARN, with a version or an alias if it has one.
    pub name: String,
    /// The region of its ARN.
    pub region: Option<String>,
    /// The account of its ARN.
    pub account: Option<String>,
}

impl ReviewConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<ReviewConfig, ConfigError> {
        let timeout = lookup.number("LIVE_CHAT_REVIEW_TIMEOUT_MS", 200, 50..=5000)?;
        Ok(ReviewConfig {
            handler: lookup.text(FUNCTION).map(|text| target(&text)).transpose()?,
            timeout: Duration::from_millis(timeout as u64),
            fallback: match lookup.text(FALLBACK).as_deref() {
                None | Some("allow") => Fallback::Allow,
                Some("deny") => Fallback::Deny,
                Some("hold") => Fallback::Hold,
                Some(value) => return Err(ConfigError::new(FALLBACK, value, "allow, deny or hold")),
            },
            sends_ip: lookup.flag("LIVE_CHAT_REVIEW_IP", false)?,
        })
    }
}

fn target(text: &str) -> Result<ReviewTarget, ConfigError> {
    let address = || Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.has_host());
    let target = function(text).map(ReviewTarget::Function).or_else(|| address().map(ReviewTarget::Address));
    target.ok_or_else(|| {
        ConfigError::new(FUNCTION, text, "the ARN or the name of a Lambda function, or an address such as http://…")
    })
}

/// Reads a function as Lambda's Invoke takes it: `NAME` or `arn:…:lambda:REGION:ACCOUNT:function:NAME`, and `:QUALIFIER` after either.
fn function(text: &str) -> Option<ReviewFunction> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_word = |part: &&str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let (region, account, name) = match parts.as_slice() {
        ["arn", partition, "lambda", region, account, "function", name @ ..] if partition.starts_with("aws") => {
            let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            if !is_account || !is_word(region) {
                return None;
            }
            (Some((*region).to_owned()), Some((*account).to_owned()), name)
        }
        name => (None, None, name),
    };
    let is_function = match name {
        [name] => is_word(name),
        [name, qualifier] => is_word(name) && (*qualifier == "$LATEST" || is_word(qualifier)),
        _ => false,
    };
    is_function.then(|| ReviewFunction { name: text.to_owned(), region, account })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<ReviewConfig, ConfigError> {
        let variable =
            |name: &str| pairs.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
        ReviewConfig::read(&Lookup::new(&variable))
    }

    fn handler(text: &str) -> Option<ReviewTarget> {
        read(&[(FUNCTION, text)]).unwrap().handler
    }

    #[test]
    fn the_defaults_are_the_contracts() {
        let config = read(&[]).unwrap();
        assert_eq!((config.handler, config.timeout), (None, Duration::from_millis(200)));
        assert_eq!((config.fallback, config.sends_ip), (Fallback::Allow, false));
    }

    #[test]
    fn an_arn_tells_its_region_and_account_and_a_name_tells_neither() {
        for (text, region, account) in [
            ("review", None, None),
            ("review_2:live", None, None),
            ("arn:aws:lambda:eu-west-1:123456789012:function:review", Some("eu-west-1"), Some("123456789012")),
            (
                "arn:aws-cn:lambda:cn-north-1:123456789012:function:review:$LATEST",
                Some("cn-north-1"),
                Some("123456789012"),
            ),
        ] {
            let Some(ReviewTarget::Function(function)) = handler(text) else { panic!("{text}") };
            assert_eq!((function.region.as_deref(), function.account.as_deref()), (region, account), "{text}");
            assert_eq!(function.name, text);
        }
        for text in ["http://127.0.0.1:9000/review", "http://reviewer:9000", "http://[::1]/"] {
            assert!(matches!(handler(text), Some(ReviewTarget::Address(_))), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_is_allowed() {
        for text in [
            "https://example.org",
            "http://",
            "my function",
            "a:b:c",
            "arn:aws:lambda:eu-west-1:123456789012:layer:review",
            "arn:aws:lambda:eu-west-1:1234:function:review",
            "arn:aws:lambda:eu-west-1/x:123456789012:function:review",
            "arn:aws:lambda:eu-west-1:123456789012:function:",
            "arn:aws:sqs:eu-west-1:123456789012:review",
        ] {
            assert_eq!(read(&[(FUNCTION, text)]).unwrap_err().variable, FUNCTION, "{text}");
        }
        for (variable, value) in [
            ("LIVE_CHAT_REVIEW_TIMEOUT_MS", "49"),
            ("LIVE_CHAT_REVIEW_TIMEOUT_MS", "5001"),
            (FALLBACK, "ALLOW"),
            ("LIVE_CHAT_REVIEW_IP", "yes"),
        ] {
            assert_eq!(read(&[(variable, value)]).unwrap_err().variable, variable, "{value}");
        }
    }
}
