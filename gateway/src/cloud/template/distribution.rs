//! The distribution: how long it keeps errors.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_norway::Value;

use super::error::TemplateError;
use super::resources::Resources;
use super::spec::ErrorCaching;

impl Resources<'_> {
    /// `CustomErrorResponses` with an `ErrorCachingMinTTL`. A template without a distribution has no edge that keeps anything.
    pub(super) fn error_caching(&self) -> Result<ErrorCaching, TemplateError> {
        let Some(distribution) = self.of_kind("AWS::CloudFront::Distribution").next() else {
            return Ok(ErrorCaching::none());
        };
        let mut times = BTreeMap::new();
        let responses = distribution.property("DistributionConfig.CustomErrorResponses").and_then(Value::as_sequence);
        for response in responses.into_iter().flatten() {
            let number =
                |name: &str| distribution.needed(&format!("CustomErrorResponses.{name}"), response[name].as_u64());
            let status = distribution.needed("CustomErrorResponses.ErrorCode", number("ErrorCode")?.try_into().ok())?;
            if response.get("ErrorCachingMinTTL").is_some() {
                times.insert(status, Duration::from_secs(number("ErrorCachingMinTTL")?));
            }
        }
        Ok(ErrorCaching(times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::template::Template;

    const YAML: &str = include_str!("../../../../template.yaml");

    fn caching(responses: &str) -> Result<ErrorCaching, TemplateError> {
        let version = "        HttpVersion: http2and3\n";
        assert!(YAML.contains(version));
        let without = YAML.replace("CustomErrorResponses:", "Unknown:");
        let with = without.replace(version, &format!("{version}        CustomErrorResponses: {responses}\n"));
        Template::parse(&with).map(|template| template.error_caching)
    }

    #[test]
    fn what_the_distribution_does_not_set_is_kept_for_ten_seconds() {
        let ten = Duration::from_secs(10);
        let set = caching(
            "[{ ErrorCode: 503, ErrorCachingMinTTL: 0 }, { ErrorCode: 404, ErrorCachingMinTTL: 60 }, { ErrorCode: 500 }]",
        );
        let set = set.unwrap();
        let times = [404, 405, 500, 502, 503, 400, 429, 200].map(|status| set.of(status));
        let none = Duration::ZERO;
        assert_eq!(times, [Duration::from_secs(60), ten, ten, ten, none, none, none, none]);
        assert_eq!(caching("[]").unwrap(), ErrorCaching::default());
    }

    #[test]
    fn a_time_that_cannot_be_read_is_named() {
        let error = caching("[{ ErrorCode: 503, ErrorCachingMinTTL: often }]").unwrap_err().to_string();
        assert_eq!(error, "Distribution has no usable CustomErrorResponses.ErrorCachingMinTTL");
        assert!(caching("[{ ErrorCode: 70000 }]").is_err());
    }
}
