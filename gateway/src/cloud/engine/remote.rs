//! Functions behind any Lambda Invoke endpoint, such as those of `cargo lambda watch` and `sam local start-lambda`.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use bytes::Bytes;
use shared::platform::aws::AwsEnvironment;

use super::{Code, Engine, Function, FunctionError};
use crate::cloud::template::Template;

/// An engine that invokes every function of the template at this address, such as `http://127.0.0.1:9000`.
pub fn engine(template: &Template, endpoint: &str) -> Engine {
    let lookup = |name: &str| (name == "AWS_ENDPOINT_URL_LAMBDA").then(|| endpoint.to_owned());
    let client = AwsEnvironment::from_lookup(lookup).expect("only addresses of sockets can be wrong").lambda();
    let functions: BTreeMap<String, Function> = template
        .functions
        .iter()
        .map(|(name, spec)| {
            (name.clone(), Function { code: code(client.clone(), name.clone()), timeout: spec.timeout })
        })
        .collect();
    Engine::new(functions)
}

fn code(client: Client, name: String) -> Code {
    let name: Arc<str> = name.into();
    Arc::new(move |payload: Bytes, _context| {
        let request = client.invoke().function_name(name.as_ref()).payload(Blob::new(payload));
        Box::pin(async move {
            let failed = |error_type: &str, error_message: String| FunctionError {
                error_type: error_type.to_owned(),
                error_message,
            };
            // `cargo lambda watch` answers a function's failure with 500 instead of a header: both are failures here.
            let output = request.send().await;
            let output = output.map_err(|error| failed("Unhandled", DisplayErrorContext(error).to_string()))?;
            let answer = Bytes::from(output.payload.map(Blob::into_inner).unwrap_or_default());
            match output.function_error {
                None => Ok(answer.into()),
                Some(kind) => Err(failed(&kind, String::from_utf8_lossy(&answer).into_owned())),
            }
        })
    })
}
