//! The SDK's client for the tables of a local gateway.

use aws_sdk_dynamodb::Client;
use shared::platform::aws::AwsEnvironment;

/// A client for the tables at this address.
///
/// # Panics
/// If the SDK takes no such address.
pub fn client(url: &str) -> Client {
    let lookup = |name: &str| match name {
        "AWS_ENDPOINT_URL_DYNAMODB" => Some(url.to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
        _ => None,
    };
    AwsEnvironment::from_lookup(lookup).expect("an environment").dynamodb()
}
