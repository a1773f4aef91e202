//! The background jobs, a file each. An error makes Lambda report a failure to the job's caller.

pub mod broadcast;
pub mod fan_out;
pub mod flush_later;
pub mod housekeep;
pub mod outward;
