//! All integration tests in one binary. Each starts a gateway of its own; none sleeps.

mod broadcast;
mod cost;
mod events;
mod floods;
mod flow;
mod forgeries;
mod hostile;
mod keys;
mod layers;
mod likes;
mod load_tool;
mod logs;
mod messages;
mod rest;
mod restart;
mod schemas;
mod sends;
mod sessions;
mod sets;
mod smoke;
mod sockets;
mod store;
mod tickets;
mod tokens;
mod viewers;
