//! A response of the REST API, as tests inspect it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// See the module.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; `null` if it is not JSON.
    pub json: Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The body of a successful response.
    ///
    /// # Panics
    /// If the response is an error.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json
    }

    /// Status and code of a refusal, which must be well-formed problem details.
    ///
    /// # Panics
    /// If the body is not problem details, or is incomplete.
    pub fn problem(self) -> (u16, String) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{} {}", self.status, self.text);
        for field in ["type", "title", "detail"] {
            assert!(self.json[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {}", self.text);
        }
        assert_eq!(self.json["status"], self.status, "{}", self.text);
        (self.status, self.json["code"].as_str().unwrap_or_default().to_owned())
    }
}
