//! Structured logs: one JSON object a line, as CloudWatch's queries read them.

use tracing_subscriber::EnvFilter;

/// Writes logs of level `info` and up, or as `RUST_LOG` says, to standard output.
pub fn init() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call in one process changes nothing.
    let _already = tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).try_init();
}
