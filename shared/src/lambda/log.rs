//! Structured logs: one JSON object a line, for CloudWatch's queries, with the ids of the invocation in `span`.

use tracing::{Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

/// Logs to standard output, from level `info` on. `RUST_LOG` sets other levels, also by target (`info,shared=debug`).
pub fn init() {
    let filter = filter(&std::env::var("RUST_LOG").unwrap_or_default());
    // A second call in one process changes nothing.
    let _already = tracing::subscriber::set_global_default(subscriber(filter, std::io::stdout));
}

/// The filter that `RUST_LOG` describes. If that is empty or cannot be read, the filter passes level `info` and up.
fn filter(directives: &str) -> Targets {
    let targets = directives.parse().ok().filter(|_| !directives.is_empty());
    targets.unwrap_or_else(|| Targets::new().with_default(Level::INFO))
}

// Not an `EnvFilter`: it would bring a regex engine into every function.
fn subscriber<W>(filter: Targets, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // The innermost span is ours. The Lambda runtime's own span only repeats it.
    let json = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
    json.with_max_level(Level::TRACE).with_writer(writer).finish().with(filter)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use lambda_http::http::Response;
    use lambda_http::{Body, Context, Request, RequestExt};
    use serde_json::Value;

    use super::*;
    use crate::lambda::exchange::Exchange;
    use crate::lambda::invocation;

    #[derive(Clone, Default)]
    struct LogBuffer(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for LogBuffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_unreadable_filter_silences_nothing() {
        for directives in ["", "info", "shared=loud"] {
            assert!(filter(directives).would_enable("shared", &Level::INFO), "{directives:?}");
        }
        assert!(!filter("warn").would_enable("shared", &Level::INFO));
        assert!(filter("warn,shared=debug").would_enable("shared", &Level::DEBUG));
    }

    #[tokio::test]
    async fn a_request_has_one_line_with_its_ids_status_and_time() {
        let written = LogBuffer::default();
        let writer = written.clone();
        let subscriber = subscriber(filter(""), move || writer.clone());
        let guard = tracing::subscriber::set_default(subscriber);
        let id = "1-5759e988-bd862e3fe1be46a994272793";
        let mut context = Context::default();
        let (function, lambda) =
            ("live-chat-prod-SendMessageFunction-hMjyN3hWqZ1B", "f8f2a5ba-7d0b-4f0a-9a38-0bd6b1a34e2c");
        context.request_id = lambda.to_owned();
        context.invoked_function_arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{function}:live");
        context.xray_trace_id = Some(format!("Root={id};Sampled=0"));
        let request = Request::default().with_lambda_context(context);
        let exchange = Exchange::of(&request);
        exchange
            .serve(async {
                invocation::note_ids(Some("L0SM9cOFvHcCIhw="), Some("L0SM9cOFvHcCIhx="));
                invocation::note_outcome("ok");
                Response::new(Body::Empty)
            })
            .await;
        drop(guard);
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let line: Value = serde_json::from_str(&written).unwrap();
        assert_eq!((&line["message"], &line["level"]), (&"request served".into(), &"INFO".into()));
        assert_eq!((&line["http.method"], &line["http.status"]), (&"GET".into(), &200.into()));
        assert!(line["duration_ms"].is_f64(), "{line}");
        assert!(written.len() < 700, "docs/cost.md says what a line costs: {} bytes", written.len());
        let span = &line["span"];
        for (name, value) in [
            ("trace.id", id),
            ("function.name", function),
            ("lambda.request.id", lambda),
            ("request.id", "L0SM9cOFvHcCIhw="),
            ("connection.id", "L0SM9cOFvHcCIhx="),
            ("outcome", "ok"),
        ] {
            assert_eq!(span[name], value, "{name} of {line}");
        }
    }
}
