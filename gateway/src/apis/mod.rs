//! The APIs of CloudFront, API Gateway and Lambda: on the public port the edge with the HTTP API and the WebSocket API behind it; for
//! functions, in this process or on the internal port, `@connections` and the Invoke API.

pub mod connections;
mod edge;
mod error_cache;
mod events;
pub mod http_api;
pub mod in_process;
mod internal_apis;
mod invoke_api;
mod management_api;
pub mod router;
pub mod upstream;
mod websocket_api;
