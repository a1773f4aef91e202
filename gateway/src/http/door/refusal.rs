//! Refusals in the words and shapes of each AWS API. None has a CORS header: a page cannot even read them.

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

use crate::http::reply::{self, Reply};

/// The API behind the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `@connections` of API Gateway.
    Connections,
    /// Lambda's Invoke API.
    Lambda,
    /// DynamoDB, with its streams.
    DynamoDb,
}

impl Protocol {
    /// The service in a credential's scope.
    pub(super) fn service(self) -> &'static str {
        match self {
            Protocol::Connections => "execute-api",
            Protocol::Lambda => "lambda",
            Protocol::DynamoDb => "dynamodb",
        }
    }
}

/// Why somebody does not get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A browser's request, or one that names another host.
    Foreign,
    /// It is not signed.
    NoToken,
    /// This part of the signature is missing or cannot be read.
    Incomplete(&'static str),
    /// The access key id is not this run's, or there is a session token.
    UnknownKey,
    /// The credential is for another service or another day.
    WrongScope(String),
    /// The signature is too old, or of the future.
    WrongTime(String),
    /// The signature is another request's, or was made with another secret.
    BadSignature,
}

impl Refusal {
    fn error_type(&self) -> &'static str {
        match self {
            Refusal::Foreign => "AccessDeniedException",
            Refusal::NoToken => "MissingAuthenticationTokenException",
            Refusal::Incomplete(_) => "IncompleteSignatureException",
            Refusal::UnknownKey => "UnrecognizedClientException",
            Refusal::WrongScope(_) | Refusal::WrongTime(_) | Refusal::BadSignature => "InvalidSignatureException",
        }
    }

    fn message(&self, protocol: Protocol) -> String {
        match self {
            Refusal::Foreign => "Only functions of this machine are served here".to_owned(),
            Refusal::NoToken if protocol == Protocol::DynamoDb => "Request is missing Authentication Token".to_owned(),
            Refusal::NoToken => "Missing Authentication Token".to_owned(),
            Refusal::Incomplete(part) => format!("Authorization header requires '{part}' parameter."),
            Refusal::UnknownKey => "The security token included in the request is invalid.".to_owned(),
            Refusal::WrongScope(text) | Refusal::WrongTime(text) => text.clone(),
            Refusal::BadSignature => "The request signature we calculated does not match the signature you provided. \
                                      Check your AWS Secret Access Key and signing method."
                .to_owned(),
        }
    }

    /// The answer: 403, and 400 from DynamoDB, as AWS has it.
    pub(crate) fn reply(&self, protocol: Protocol) -> Reply {
        let (kind, message) = (self.error_type(), self.message(protocol));
        match protocol {
            Protocol::DynamoDb => {
                let body = json!({"__type": format!("com.amazon.coral.service#{kind}"), "message": message});
                let mut reply = reply::json(StatusCode::BAD_REQUEST, body.to_string());
                reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
                reply
            }
            Protocol::Connections | Protocol::Lambda => reply::typed_error(StatusCode::FORBIDDEN, kind, &message),
        }
    }
}
