//! Errors that the edge keeps. CloudFront answers a path with its last error for ten seconds, to every caller and whatever the cache
//! policy, unless the distribution sets another time for the status
//! ([CloudFront](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html)).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::Body;
use bytes::Bytes;
use http::header::{AGE, CACHE_CONTROL};
use http::{HeaderValue, Method, Response};
use http_body_util::BodyExt;

use crate::cloud::template::ErrorCaching;
use crate::http::list_header::has_member;
use crate::http::reply::Reply;

/// More paths than the chat has: further errors are not kept.
const MAX_PATHS: usize = 1_000;

/// See the module.
#[derive(Debug)]
pub(crate) struct ErrorCache {
    caching: ErrorCaching,
    kept: Mutex<HashMap<String, Kept>>,
}

#[derive(Debug)]
struct Kept {
    since: Instant,
    until: Instant,
    reply: Response<Bytes>,
}

impl ErrorCache {
    pub(crate) fn new(caching: ErrorCaching) -> ErrorCache {
        ErrorCache { caching, kept: Mutex::default() }
    }

    /// The error that is kept for this path. The cache policy puts neither the query nor a header into the key, so it may be another
    /// caller's, who asked for something else.
    pub(crate) fn find(&self, method: &Method, path: &str, now: Instant) -> Option<Reply> {
        if !is_cached(method) {
            return None;
        }
        let kept = self.lock();
        let kept = kept.get(path).filter(|kept| now < kept.until)?;
        let mut reply = kept.reply.clone().map(Body::from);
        let age = now.duration_since(kept.since).as_secs();
        reply.headers_mut().insert(AGE, HeaderValue::from(age));
        if method == Method::HEAD {
            *reply.body_mut() = Body::empty();
        }
        Some(reply)
    }

    /// Passes an answer on, and keeps it if it is an error of those that are kept.
    pub(crate) async fn keep(&self, method: &Method, path: &str, reply: Reply, now: Instant) -> Reply {
        let time = self.caching.of(reply.status().as_u16());
        if !is_cached(method) || time.is_zero() || may_opt_out(&reply) {
            return reply;
        }
        let (head, body) = reply.into_parts();
        // The APIs' own answers are whole.
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let reply = Response::from_parts(head, body);
        let mut kept = self.lock();
        kept.retain(|_, kept| now < kept.until);
        if kept.len() < MAX_PATHS {
            kept.insert(path.to_owned(), Kept { since: now, until: now + time, reply: reply.clone() });
        }
        reply.map(Body::from)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_cached(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// For some statuses, CloudFront listens to the origin. For all others it ignores `no-store`.
fn may_opt_out(reply: &Reply) -> bool {
    let listens = [404, 410, 414, 501].contains(&reply.status().as_u16());
    listens && ["no-store", "no-cache", "private"].iter().any(|word| has_member(reply.headers(), &CACHE_CONTROL, word))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;

    use super::*;
    use crate::http::reply;

    async fn kept_after(reply: Reply, seconds: u64) -> Option<u16> {
        let (cache, now) = (ErrorCache::new(ErrorCaching::default()), Instant::now());
        drop(cache.keep(&Method::GET, "/live-chat/status", reply, now).await);
        let later = cache.find(&Method::GET, "/live-chat/status", now + Duration::from_secs(seconds));
        later.map(|reply| reply.status().as_u16())
    }

    fn no_store(status: StatusCode) -> Reply {
        let mut reply = reply::empty(status);
        reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        reply
    }

    #[tokio::test]
    async fn an_error_is_kept_for_ten_seconds() {
        let error = || reply::empty(StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!((kept_after(error(), 9).await, kept_after(error(), 10).await), (Some(503), None));
        for status in [200, 400, 401, 403, 409, 410, 413, 429] {
            assert_eq!(kept_after(reply::empty(StatusCode::from_u16(status).unwrap()), 0).await, None, "{status}");
        }
    }

    #[tokio::test]
    async fn no_store_is_heard_for_some_statuses_only() {
        assert_eq!(kept_after(no_store(StatusCode::NOT_FOUND), 0).await, None);
        assert_eq!(kept_after(reply::empty(StatusCode::NOT_FOUND), 0).await, Some(404));
        assert_eq!(kept_after(no_store(StatusCode::INTERNAL_SERVER_ERROR), 0).await, Some(500));
    }

    #[tokio::test]
    async fn what_is_not_read_is_neither_kept_nor_answered() {
        let (cache, now) = (ErrorCache::new(ErrorCaching::default()), Instant::now());
        let error = || reply::message(StatusCode::INTERNAL_SERVER_ERROR, "no");
        drop(cache.keep(&Method::POST, "/a", error(), now).await);
        assert!(cache.find(&Method::GET, "/a", now).is_none());
        drop(cache.keep(&Method::GET, "/a", error(), now).await);
        assert!(cache.find(&Method::POST, "/a", now).is_none() && cache.find(&Method::GET, "/b", now).is_none());
        let head = cache.find(&Method::HEAD, "/a", now).unwrap();
        assert_eq!(head.into_body().collect().await.unwrap().to_bytes(), "");
    }
}
