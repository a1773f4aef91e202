//! Calls a function in this process, with the very bytes that Lambda would give its binary.

use std::sync::Arc;

use lambda_runtime::{Context, Error};
use shared::lambda::app::App;

pub use crate::returned::Returned;
pub use crate::table::NAMES;
use crate::table::TABLE;

/// Calls the function with this name.
///
/// # Errors
/// What Lambda would report as a function error: an event that cannot be read, or the handler's own failure.
pub async fn invoke(name: &str, app: Arc<App>, payload: &[u8], context: Context) -> Result<Returned, Error> {
    let function = TABLE.iter().find(|function| function.name == name);
    let function = function.ok_or_else(|| format!("there is no function {name}"))?;
    (function.invoke)(app, payload, context).await
}

#[cfg(test)]
mod tests {
    use shared::domain::config::Config;
    use shared::platform::aws::AwsEnvironment;
    use shared::platform::clock::Clock;

    use super::*;

    #[tokio::test]
    async fn an_unknown_function_is_named() {
        let secret = |name: &str| (name == "JWT_SECRET").then(|| "a secret for this test only".to_owned());
        let aws = AwsEnvironment::from_lookup(|_| None).unwrap();
        let app = App::new(Config::from_lookup(secret).unwrap(), aws, Clock::system()).unwrap();
        let error = invoke("poll", app, b"{}", Context::default()).await.err().unwrap();
        assert_eq!(error.to_string(), "there is no function poll");
    }
}
