//! The X-Ray header of an invocation, as Lambda makes it: the request's own root, or a new one. Nothing is sampled here.

use std::time::{SystemTime, UNIX_EPOCH};

use shared::platform::trace::TraceId;

/// A header such as `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0`.
#[derive(Clone, Debug)]
pub struct Trace(String);

impl Trace {
    /// The trace of an invocation for a request with this header.
    pub fn of(header: Option<&str>) -> Trace {
        let root = header.and_then(TraceId::from_header).map_or_else(new_root, |id| id.to_string());
        Trace(format!("Root={root};Parent={:016x};Sampled=0", rand::random::<u64>()))
    }

    /// The header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn new_root() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("1-{seconds:08x}-{:024x}", rand::random::<u128>() >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_its_root_and_others_get_a_new_one() {
        let id = "1-5759e988-bd862e3fe1be46a994272793";
        let kept = Trace::of(Some(&format!("Root={id};Sampled=1")));
        assert_eq!(TraceId::from_header(kept.as_str()), TraceId::parse(id));
        for other in [None, Some("Root=nonsense")] {
            assert!(TraceId::from_header(Trace::of(other).as_str()).is_some_and(|root| root.as_str() != id));
        }
    }
}
