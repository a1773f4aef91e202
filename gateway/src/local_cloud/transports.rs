//! Hands the requests of this process's SDK clients to a connector instead of the network. The SDK's own retries and time-outs hold for
//! it as well; only the signature is left out, because nobody would verify it.

use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use shared::platform::aws::{Transport, Transports};

/// Smithy's name of the scheme of requests that are not signed.
const UNSIGNED: AuthSchemeId = AuthSchemeId::new("noAuth");

/// The same for the client of any service: each has a configuration of its own type.
macro_rules! handed_to {
    ($connector:expr, $service:ident) => {{
        let connector = $connector.clone();
        Some(Transport::new(move |config: $service::config::Builder| {
            let connector = connector.clone();
            let config = config.http_client(http_client_fn(move |_, _| connector.clone()));
            config.allow_no_auth().auth_scheme_preference([UNSIGNED])
        }))
    }};
}

/// The transports to a database, and to Lambda and `@connections`.
pub fn transports(database: &SharedHttpConnector, apis: &SharedHttpConnector) -> Transports {
    Transports {
        dynamodb: handed_to!(database, aws_sdk_dynamodb),
        lambda: handed_to!(apis, aws_sdk_lambda),
        management: handed_to!(apis, aws_sdk_apigatewaymanagement),
        posts: Some(apis.clone()),
    }
}
