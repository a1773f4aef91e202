//! What takes the place of the network in a process that is the cloud as well: the local gateway answers its own functions without a
//! port. On Lambda there is nothing of that, so all that it needs is in the gateway.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;

/// Another way than the network, for the SDK client that this configuration is of.
#[derive(Clone)]
pub struct Transport<Config>(Arc<Change<Config>>);

/// From a configuration to the same one with a transport.
type Change<Config> = dyn Fn(Config) -> Config + Send + Sync;

impl<Config> Transport<Config> {
    /// The transport that this change of a configuration makes.
    pub fn new(change: impl Fn(Config) -> Config + Send + Sync + 'static) -> Transport<Config> {
        Transport(Arc::new(change))
    }

    pub(super) fn applied_to(&self, config: Config) -> Config {
        (self.0)(config)
    }
}

impl<Config> fmt::Debug for Transport<Config> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Transport")
    }
}

/// The transport of each client; `None` is the network.
#[derive(Clone, Debug, Default)]
pub struct Transports {
    /// DynamoDB.
    pub dynamodb: Option<Transport<aws_sdk_dynamodb::config::Builder>>,
    /// Lambda's Invoke API.
    pub lambda: Option<Transport<aws_sdk_lambda::config::Builder>>,
    /// `@connections`, but for posts.
    pub management: Option<Transport<aws_sdk_apigatewaymanagement::config::Builder>>,
    /// Posts to `@connections`, which do without the SDK's orchestrator.
    pub posts: Option<SharedHttpConnector>,
}

/// Gives the configuration of any SDK client its transport, or the network with signatures.
macro_rules! with_transport {
    ($config:expr, $transport:expr, $credentials:expr) => {
        match $transport {
            Some(transport) => transport.applied_to($config),
            None => $config
                .http_client($crate::platform::aws::trust::http_client())
                .credentials_provider($credentials.clone()),
        }
    };
}

pub(super) use with_transport;
