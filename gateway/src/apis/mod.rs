//! What API Gateway, CloudFront and Lambda answer: the public port's edge with the HTTP API and the WebSocket API behind it, and the
//! internal port's `@connections` and Invoke API.

pub mod connections;
mod edge;
mod events;
pub mod http_api;
mod invoke_api;
mod management_api;
pub mod router;
pub mod upstream;
mod websocket_api;
