//! The identity of an invocation in its log lines and changed rows: the function, Lambda's request id, the trace id.

use lambda_http::Context;
use tracing::Instrument;
use tracing::field::Empty;

use crate::platform::trace::{self, TraceId};

/// Runs an invocation's work. `of_event` is the trace id in the event, for platforms whose invocations have none.
pub async fn serve<T>(context: &Context, of_event: Option<TraceId>, work: impl Future<Output = T>) -> T {
    let trace = context.xray_trace_id.as_deref().and_then(TraceId::from_header).or(of_event);
    // The empty fields become known later, and `record` fills them in.
    let span = tracing::info_span!(
        "invocation",
        function.name = function_name(&context.invoked_function_arn),
        lambda.request.id = context.request_id,
        trace.id = trace.as_ref().map(TraceId::as_str),
        request.id = Empty,
        connection.id = Empty,
        session.id = Empty,
        outcome = Empty,
    );
    // Boxed, because the compiler limits the depth of nested futures.
    trace::within(trace, Box::pin(work).instrument(span)).await
}

/// Adds the outcome to all further log lines of the invocation: `ok`, or an error's code.
pub fn note_outcome(outcome: &str) {
    tracing::Span::current().record("outcome", outcome);
}

/// Adds API Gateway's request id, and the socket's connection id if there is one, to all further log lines of the invocation.
pub fn note_ids(request_id: Option<&str>, connection_id: Option<&str>) {
    let span = tracing::Span::current();
    if let Some(request_id) = request_id {
        span.record("request.id", request_id);
    }
    if let Some(connection_id) = connection_id {
        span.record("connection.id", connection_id);
    }
}

/// The name in an ARN such as `arn:aws:lambda:us-east-1:000000000000:function:status:live`.
fn function_name(arn: &str) -> &str {
    arn.split_once(":function:").and_then(|(_, name)| name.split(':').next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_by_its_arn_without_its_alias() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:status";
        assert_eq!((function_name(arn), function_name(&format!("{arn}:live"))), ("status", "status"));
        assert_eq!(function_name(""), "");
    }

    #[tokio::test]
    async fn work_runs_on_behalf_of_lambdas_trace_or_else_the_events() {
        let (lambda, event) = ("1-5759e988-aaaaaaaaaaaaaaaaaaaaaaaa", "1-5759e988-bbbbbbbbbbbbbbbbbbbbbbbb");
        let mut context = Context::default();
        let seen = serve(&context, TraceId::parse(event), async { trace::current() }).await;
        assert_eq!(seen, TraceId::parse(event));
        context.xray_trace_id = Some(format!("Root={lambda};Parent=53995c3f42cd8ad8;Sampled=0"));
        let seen = serve(&context, TraceId::parse(event), async { trace::current() }).await;
        assert_eq!(seen, TraceId::parse(lambda));
    }
}
