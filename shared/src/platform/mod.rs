//! What reaches out of the process: DynamoDB, tokens, sockets, metrics, the clock.

pub mod aws;
pub mod clock;
pub mod dynamo;
pub mod metrics;
pub mod posting;
pub mod token;
pub mod trace;
