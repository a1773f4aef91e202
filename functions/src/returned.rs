//! What an invocation in this process returned.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::header::SET_COOKIE;
use lambda_http::{Body, Response};
use lambda_runtime::Error;

/// The bytes that the Runtime API would take, or the response of which they would be made: whoever reads it in this process does without
/// writing and reading it as JSON.
pub enum Returned {
    /// JSON.
    Json(Vec<u8>),
    /// A response to the HTTP API.
    Response(Box<ApiGatewayV2httpResponse>),
}

impl Returned {
    /// A response as the adapter of `lambda_http` gives it to the Runtime API.
    pub(crate) fn of_response(response: Response<Body>) -> Returned {
        let (mut head, body) = response.into_parts();
        let cookies = head.headers.get_all(SET_COOKIE).iter();
        let cookies = cookies.map(|cookie| cookie.to_str().unwrap_or_default().to_owned()).collect();
        head.headers.remove(SET_COOKIE);
        let mut returned = ApiGatewayV2httpResponse::default();
        returned.status_code = head.status.as_u16().into();
        returned.headers = head.headers;
        returned.cookies = cookies;
        returned.is_base64_encoded = matches!(body, Body::Binary(_));
        returned.body = (!matches!(body, Body::Empty)).then_some(body);
        Returned::Response(Box::new(returned))
    }

    /// The bytes that the Runtime API would take.
    ///
    /// # Errors
    /// A header that is no text.
    pub fn into_json(self) -> Result<Vec<u8>, Error> {
        match self {
            Returned::Json(json) => Ok(json),
            Returned::Response(response) => Ok(serde_json::to_vec(&response)?),
        }
    }
}
