//! What an invocation returned.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use bytes::Bytes;
use lambda_http::http::header::SET_COOKIE;
use lambda_http::{Body, Response};

/// The JSON that the function gave the Runtime API, or the response of which it would have been made, if the function ran in the process of
/// its caller: then it need not be written and read again.
#[derive(Clone, Debug)]
pub enum Returned {
    /// JSON.
    Json(Bytes),
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

    /// The JSON.
    ///
    /// # Errors
    /// A header that is no text.
    pub fn into_json(self) -> serde_json::Result<Bytes> {
        match self {
            Returned::Json(json) => Ok(json),
            Returned::Response(response) => Ok(Bytes::from(serde_json::to_vec(&response)?)),
        }
    }
}

impl From<Bytes> for Returned {
    fn from(json: Bytes) -> Returned {
        Returned::Json(json)
    }
}
