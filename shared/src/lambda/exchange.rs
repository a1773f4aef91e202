//! An HTTP request from its arrival to its response, and its log line.

use lambda_http::request::RequestContext;
use lambda_http::{Body, Context, Request, RequestExt, Response};
use tokio::time::Instant;

use crate::lambda::http::route_key;
use crate::lambda::invocation;
use crate::platform::trace::TraceId;

/// A request and its log line, which contains neither the query nor a header nor the body.
pub struct Exchange {
    context: Context,
    trace: Option<TraceId>,
    request_id: Option<String>,
    method: String,
    route: String,
}

impl Exchange {
    /// The exchange that begins with this request.
    pub fn of(request: &Request) -> Exchange {
        let request_id = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        };
        let header = request.headers().get("x-amzn-trace-id").and_then(|value| value.to_str().ok());
        let route = route_key(request).and_then(|key| key.split_once(' ')).map(|(_, path)| path.to_owned());
        Exchange {
            context: request.lambda_context_ref().cloned().unwrap_or_default(),
            trace: header.and_then(TraceId::from_header),
            request_id,
            method: request.method().to_string(),
            route: route.unwrap_or_default(),
        }
    }

    /// Awaits the response, and logs the line.
    pub async fn serve(self, answer: impl Future<Output = Response<Body>>) -> Response<Body> {
        let work = async {
            let begun = Instant::now();
            invocation::note_ids(self.request_id.as_deref(), None);
            let response = answer.await;
            tracing::info!(
                http.method = self.method,
                http.route = self.route,
                http.status = response.status().as_u16(),
                duration_ms = begun.elapsed().as_secs_f64() * 1000.0,
                "request served"
            );
            response
        };
        invocation::serve(&self.context, self.trace, work).await
    }
}
