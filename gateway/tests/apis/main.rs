//! Drives the gateway's APIs over real sockets and real HTTP, with closures in place of the functions.
//!
//! A test's number is that of the statement about API Gateway or Lambda that it verifies; (i) in a comment marks behaviour
//! that AWS does not document and that is inferred.

mod access_log;
mod authorizer;
mod closing;
mod database;
mod door;
mod edge;
mod handshake;
mod http_api;
mod in_process;
mod invoke;
mod lambda_limits;
mod management;
mod messages;
mod raw;
mod shutdown;
mod slow_clients;
mod slow_readers;
mod smuggling;
mod spoofing;
mod support;
mod way;
