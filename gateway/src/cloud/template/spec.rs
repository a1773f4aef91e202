//! The parts of the template that a local run needs, as types.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::conditions::Condition;

/// The parts of the SAM template that a local run needs. Functions go by their short name: the `Binary` of their
/// build properties, such as `send-message`, which is also the name of the Lambda binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Every function by its short name.
    pub functions: BTreeMap<String, FunctionSpec>,
    /// Routes of the HTTP API.
    pub http_routes: Vec<HttpRoute>,
    /// CORS of the HTTP API, where a deployment names origins.
    pub cors: CorsSpec,
    /// The WebSocket API.
    pub websocket: WebSocketSpec,
    /// Both DynamoDB tables.
    pub tables: Vec<TableSpec>,
    /// Event source mappings of streams.
    pub event_source_mappings: Vec<EventSourceMappingSpec>,
    /// Schedules.
    pub schedules: Vec<ScheduleSpec>,
    /// How long the distribution keeps errors.
    pub error_caching: ErrorCaching,
}

/// How long the distribution keeps errors, by their status; by default, as long as CloudFront does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorCaching(pub(super) BTreeMap<u16, Duration>);

impl ErrorCaching {
    /// The errors that CloudFront keeps without being asked to.
    pub const STATUSES: [u16; 8] = [404, 405, 414, 500, 501, 502, 503, 504];

    /// No error is kept.
    pub fn none() -> ErrorCaching {
        ErrorCaching(ErrorCaching::STATUSES.map(|status| (status, Duration::ZERO)).into())
    }

    /// How long an answer of this status is kept.
    pub fn of(&self, status: u16) -> Duration {
        if !ErrorCaching::STATUSES.contains(&status) {
            return Duration::ZERO;
        }
        self.0.get(&status).copied().unwrap_or(Duration::from_secs(10))
    }
}

/// A function's own settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSpec {
    /// `Timeout`.
    pub timeout: Duration,
    /// `Condition`: without it, the function does not exist.
    pub condition: Option<Condition>,
    /// `ReservedConcurrentExecutions`.
    pub reserved_executions: Option<usize>,
    /// `Environment.Variables` as far as they resolve without a cloud (parameters by their defaults).
    pub environment: BTreeMap<String, String>,
}

/// A route of the HTTP API, such as `POST /live-chat/like-message/{message_id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRoute {
    /// The method in capitals, or `ANY`.
    pub method: String,
    /// The path with `{name}` variables.
    pub path: String,
    /// The short name of its function.
    pub function: String,
}

/// `x-amazon-apigateway-cors`, without the origins, which are a deployment's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsSpec {
    /// `allowMethods`.
    pub methods: Vec<String>,
    /// `allowHeaders`.
    pub headers: Vec<String>,
    /// `exposeHeaders`.
    pub exposed: Vec<String>,
    /// `maxAge`, in seconds.
    pub max_age: Option<u32>,
}

/// The WebSocket API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSocketSpec {
    /// `StageName`.
    pub stage: String,
    /// `RouteSelectionExpression`, such as `$request.body.type`.
    pub route_selection_expression: String,
    /// Route key (`$connect`, `$default`, …) to the short name of its function.
    pub routes: BTreeMap<String, String>,
    /// Route keys that have a route response, so that the function's body goes back to the caller.
    pub route_responses: BTreeSet<String>,
    /// The authorizer before `$connect`, if there is one.
    pub authorizer: Option<AuthorizerSpec>,
}

/// A REQUEST authorizer of the WebSocket API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizerSpec {
    /// Short name of its function.
    pub function: String,
    /// The headers and parameters that a handshake must have.
    pub identity_sources: Vec<IdentitySource>,
}

/// A header or a parameter that a handshake must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// `route.request.header.NAME`
    Header(String),
    /// `route.request.querystring.NAME`
    Query(String),
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// The resource's logical id in the template, such as `ChatTable`.
    pub logical_id: String,
    /// Name used locally.
    pub name: String,
    /// Partition key and sort key attribute names; both are strings.
    pub keys: (String, String),
    /// `StreamViewType`, if the table has a stream.
    pub stream: Option<String>,
    /// The TTL attribute.
    pub ttl: Option<String>,
}

/// The event source mapping from a table's stream to a function.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSourceMappingSpec {
    /// Logical id of the table.
    pub table: String,
    /// Short name of the function.
    pub function: String,
    /// `BatchSize`.
    pub batch_size: usize,
    /// `MaximumRecordAgeInSeconds`.
    pub maximum_record_age: Duration,
    /// `MaximumRetryAttempts`, without a limit if it is `None`.
    pub maximum_retry_attempts: Option<u32>,
    /// `BisectBatchOnFunctionError`.
    pub bisect_on_error: bool,
    /// Whether `FunctionResponseTypes` has `ReportBatchItemFailures`: only then does the function's answer matter.
    pub reports_item_failures: bool,
    /// `FilterCriteria` patterns, parsed; a record passes if any matches, or if there is none.
    pub filters: Vec<serde_json::Value>,
}

impl Eq for EventSourceMappingSpec {}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleSpec {
    /// Short name of the function.
    pub function: String,
    /// The period of `rate(…)`.
    pub every: Duration,
}
