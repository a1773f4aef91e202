//! The WebSocket API: a handshake waits for `$connect`, messages go to their routes' functions, every end to `$disconnect`.

mod api;
mod authorizer;
mod connect;
mod dispatch;
mod frame_headers;
mod handshake;
mod selection;
mod socket;

pub(crate) use api::WebSocketApi;
