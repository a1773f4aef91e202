//! The WebSocket API: a handshake waits for `$connect`, messages go to their routes' functions, every end to `$disconnect`.

mod api;
mod authorizer;
mod connect;
mod dispatch;
mod handshake;
mod heads;
mod selection;
mod socket;

pub(crate) use api::WebSocketApi;
