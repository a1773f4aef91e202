//! A request as the proxy shows it to a test.

/// See the module.
#[derive(Clone, Debug)]
pub struct ProxiedRequest {
    /// The operation, such as `PutItem`, or the HTTP method.
    pub operation: String,
    /// The access key id that signed it.
    pub caller: String,
    /// The path.
    pub path: String,
    /// The body as text.
    pub body: String,
}
