//! The two ways to the internal APIs: statements about these hold on both.

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_types::body::SdkBody;
use gateway::local_cloud::transports::transports;
use shared::platform::aws::AwsEnvironment;

use crate::support::{Cloud, KEY_ID, SECRET, http, signed, within};

/// A way to the internal APIs. Both lead to the same answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The internal port, with a signature.
    Port,
    /// The connector of functions in the gateway's own process.
    InProcess,
}

impl Way {
    pub(crate) const BOTH: [Way; 2] = [Way::Port, Way::InProcess];
}

impl Cloud {
    /// Sends a request to an internal API, its own way.
    pub(crate) async fn call(&self, request: reqwest::RequestBuilder, service: &str) -> reqwest::Response {
        if self.way == Way::Port {
            return within(http().execute(signed(request, service))).await.expect("the gateway answers");
        }
        let request: http::Request<reqwest::Body> = request.build().expect("a request").try_into().expect("a request");
        let request = request.map(|body| SdkBody::from(body.as_bytes().unwrap_or_default()));
        let response = self.in_process.call(request.try_into().expect("a request"));
        let response = within(response).await.expect("the gateway answers").try_into_http1x().expect("a response");
        response.map(|body| body.bytes().expect("it is in memory").to_vec()).into()
    }

    /// The environment of a function that calls the internal APIs their own way.
    pub(crate) fn environment(&self) -> AwsEnvironment {
        let lookup = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" => Some(KEY_ID.to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some(SECRET.to_owned()),
            "AWS_ENDPOINT_URL_LAMBDA" if self.way == Way::Port => Some(format!("http://{}", self.internal)),
            "WEBSOCKET_ENDPOINT" if self.way == Way::Port => Some(format!("http://{}/prod", self.internal)),
            "AWS_ENDPOINT_URL_LAMBDA" => Some("http://in-process.invalid".to_owned()),
            "WEBSOCKET_ENDPOINT" => Some("http://in-process.invalid/prod".to_owned()),
            _ => None,
        };
        let mut environment = AwsEnvironment::from_lookup(lookup).expect("an environment");
        if self.way == Way::InProcess {
            environment.transports = transports(&self.in_process, &self.in_process);
        }
        environment
    }
}
