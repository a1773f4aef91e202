//! Structured logs: one JSON object a line, as CloudWatch's queries read them, with the ids of its invocation in `span`.

use tracing_subscriber::EnvFilter;

/// Writes logs of level `info` and up, or as `RUST_LOG` says, to standard output.
pub fn init() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // The innermost span is ours; the Lambda runtime's own says the same once more.
    let json = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
    // A second call in one process changes nothing.
    let _already = json.with_env_filter(filter).try_init();
}
