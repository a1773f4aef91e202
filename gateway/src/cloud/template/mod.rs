//! `template.yaml`, as far as the gateway needs it: functions, routes, tables, event source mappings and schedules.

mod apis;
mod conditions;
mod distribution;
mod error;
mod event_sources;
mod functions;
mod read;
mod resolve;
mod resources;
mod settings;
mod spec;

pub use self::conditions::Condition;
pub use self::error::TemplateError;
pub use self::spec::{
    AuthorizerSpec, CorsSpec, ErrorCaching, EventSourceMappingSpec, FunctionSpec, HttpRoute, IdentitySource,
    ScheduleSpec, TableSpec, Template, WebSocketSpec,
};
