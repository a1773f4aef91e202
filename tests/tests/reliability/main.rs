//! The promises under faults, in a binary of its own: hundreds of short runs with seeds, and degraded dependencies.

mod degraded;
mod ending;
mod model;
mod model_broadcast;
mod parked;
mod proxy;
mod retention;
mod runs;
mod scripted;
