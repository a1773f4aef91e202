//! What takes the place of the network in a process that is the cloud as well: the local gateway answers its own functions without a
//! port. On Lambda there is nothing of that.

use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector, http_client_fn};

/// For each service the connector that answers its requests in this process; `None` is the network.
#[derive(Clone, Debug, Default)]
pub struct Transports {
    /// DynamoDB.
    pub dynamodb: Option<SharedHttpConnector>,
    /// Lambda's Invoke API.
    pub lambda: Option<SharedHttpConnector>,
    /// `@connections` of the WebSocket API.
    pub connections: Option<SharedHttpConnector>,
}

/// The scheme of requests that are not signed: in this process, nobody would verify it. The name is Smithy's.
pub(super) const UNSIGNED: AuthSchemeId = AuthSchemeId::new("noAuth");

/// An SDK client's HTTP client over a connector. The SDK's own retries and time-outs hold for it as for the network.
pub(super) fn http_client(connector: &SharedHttpConnector) -> SharedHttpClient {
    let connector = connector.clone();
    http_client_fn(move |_, _| connector.clone())
}

/// Gives the configuration of any SDK client its transport: the network with signatures, or a connector of this process.
macro_rules! with_transport {
    ($config:expr, $transport:expr, $credentials:expr) => {
        match $transport {
            None => $config
                .http_client($crate::platform::aws::trust::http_client())
                .credentials_provider($credentials.clone()),
            Some(connector) => $config
                .http_client($crate::platform::aws::transports::http_client(connector))
                .allow_no_auth()
                .auth_scheme_preference([$crate::platform::aws::transports::UNSIGNED]),
        }
    };
}

pub(super) use with_transport;
