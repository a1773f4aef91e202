//! How much a function may return.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use functions::local::Returned;

/// The largest event, and the largest response: 6 MB, with some room for the envelope. The number is from Lambda's own message.
pub const MAX_PAYLOAD_BYTES: usize = 6_291_556;
/// A character takes this many bytes at most as JSON, such as `\u001f`.
const ESCAPED: usize = 6;
/// Room for everything in a response but its body. The heads of requests and responses are far smaller.
const HEAD_BYTES: usize = 64 * 1024;

/// Whether Lambda takes what a function returned.
pub(super) fn is_within_the_limit(returned: &Returned) -> bool {
    match returned {
        Returned::Json(json) => json.len() <= MAX_PAYLOAD_BYTES,
        Returned::Response(response) if is_small(response) => true,
        Returned::Response(response) => serde_json::to_vec(response).is_ok_and(|json| json.len() <= MAX_PAYLOAD_BYTES),
    }
}

/// Whether a response is within Lambda's limit however it is written.
fn is_small(response: &ApiGatewayV2httpResponse) -> bool {
    let body = response.body.as_ref().map_or(0, |body| body.len());
    let headers = response.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
    body * ESCAPED + HEAD_BYTES <= MAX_PAYLOAD_BYTES && headers * ESCAPED <= HEAD_BYTES / 2
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::encodings::Body;

    use super::*;

    #[test]
    fn the_limit_is_that_of_the_json_whatever_form_a_response_has() {
        for (character, length, is_taken) in [
            ("x", 6_000_000, true),
            ("x", 6_291_500, false),
            ("\"", 3_000_000, true),
            ("\"", 3_145_770, false),
            ("é", 4, true),
        ] {
            let mut response = ApiGatewayV2httpResponse::default();
            response.status_code = 200;
            response.body = Some(Body::Text(character.repeat(length)));
            let returned = Returned::Response(Box::new(response));
            assert_eq!(is_within_the_limit(&returned), is_taken, "{length} times {character}");
            let json = Returned::Json(returned.into_json().unwrap());
            assert_eq!(is_within_the_limit(&json), is_taken, "{length} times {character}");
        }
    }
}
