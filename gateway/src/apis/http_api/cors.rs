//! CORS as the HTTP API does it by configuration: the gateway answers preflights, and functions have no say.

use axum::body::Body;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};

use crate::http::reply::{self, Reply};

/// `CorsConfiguration` of the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    /// `AllowOrigins`; `*` allows every origin. API Gateway has no `http://localhost:*`, which a local run needs: all ports of a host.
    pub allow_origins: Vec<String>,
    /// `AllowMethods`.
    pub allow_methods: Vec<String>,
    /// `AllowHeaders`.
    pub allow_headers: Vec<String>,
    /// `ExposeHeaders`.
    pub expose_headers: Vec<String>,
    /// `MaxAge`, in seconds.
    pub max_age: Option<u32>,
    /// `AllowCredentials`.
    pub allow_credentials: bool,
}

impl Cors {
    /// The answer to a preflight request, if this is one.
    pub(super) fn preflight<B>(&self, request: &Request<B>) -> Option<Reply> {
        let origin = request.headers().get(ORIGIN)?;
        if request.method() != Method::OPTIONS || !request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return None;
        }
        let mut reply = reply::empty(StatusCode::NO_CONTENT);
        if self.allow_origin(reply.headers_mut(), origin) {
            set_list(reply.headers_mut(), ACCESS_CONTROL_ALLOW_METHODS, &self.allow_methods);
            set_list(reply.headers_mut(), ACCESS_CONTROL_ALLOW_HEADERS, &self.allow_headers);
            if let Some(seconds) = self.max_age {
                reply.headers_mut().insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds));
            }
        }
        Some(reply)
    }

    /// Replaces any CORS headers of the function.
    pub(super) fn decorate(&self, reply: &mut http::Response<Body>, origin: Option<&HeaderValue>) {
        let headers = reply.headers_mut();
        let own: Vec<HeaderName> =
            headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
        for name in own {
            headers.remove(name);
        }
        if let Some(origin) = origin
            && self.allow_origin(headers, origin)
        {
            set_list(headers, ACCESS_CONTROL_EXPOSE_HEADERS, &self.expose_headers);
        }
    }

    fn allow_origin(&self, headers: &mut HeaderMap, origin: &HeaderValue) -> bool {
        let allowed = if self.allow_origins.iter().any(|allowed| allowed == "*") {
            HeaderValue::from_static("*")
        } else if self.allow_origins.iter().any(|allowed| covers(allowed, origin.as_bytes())) {
            headers.append(VARY, HeaderValue::from_static("Origin"));
            origin.clone()
        } else {
            return false;
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.allow_credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        true
    }
}

fn covers(allowed: &str, origin: &[u8]) -> bool {
    match allowed.strip_suffix(":*") {
        None => allowed.as_bytes() == origin,
        Some(host) => origin.strip_prefix(host.as_bytes()).is_some_and(|port| matches!(port, [] | [b':', ..])),
    }
}

fn set_list(headers: &mut HeaderMap, name: HeaderName, values: &[String]) {
    if let Ok(value) = HeaderValue::try_from(values.join(","))
        && !values.is_empty()
    {
        headers.insert(name, value);
    }
}
