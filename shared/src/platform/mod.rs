//! Everything outside of the process: DynamoDB, keys of tokens, sockets, metrics, the clock.

pub mod aws;
pub mod clock;
pub mod dynamo;
pub mod invoke;
pub mod metrics;
pub mod outward;
pub mod posting;
pub mod token;
pub mod trace;
