//! The X-Ray trace id of the request that is being served. It is written into every row that the request changes, because the stream
//! carries nothing but rows. A search for one id finds the log lines of the handler, the stream and the broadcast.

use std::fmt;

/// A trace id, such as `1-5759e988-bd862e3fe1be46a994272793`. It may come from a client's header, so no other format is accepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(String);

/// The hexadecimal digits of an id's two parts: the time and the random part.
const PART_LENGTHS: [usize; 2] = [8, 24];

tokio::task_local! {
    static CURRENT: Option<TraceId>;
}

impl TraceId {
    /// Reads an id as rows hold it.
    pub fn parse(text: &str) -> Option<TraceId> {
        let mut parts = text.strip_prefix("1-")?.split('-');
        let is_hexadecimal = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_complete = PART_LENGTHS
            .iter()
            .all(|length| parts.next().is_some_and(|part| part.len() == *length && is_hexadecimal(part)));
        (is_complete && parts.next().is_none()).then(|| TraceId(text.to_owned()))
    }

    /// Finds the id in a tracing header, such as `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`.
    pub fn from_header(header: &str) -> Option<TraceId> {
        header.split(';').find_map(|part| TraceId::parse(part.trim().strip_prefix("Root=")?))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Runs work on behalf of a request.
pub async fn within<T>(trace: Option<TraceId>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(trace, work).await
}

/// The trace id of the request that is being served, if it has one.
pub fn current() -> Option<TraceId> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// Joins ids into one field of a log line.
pub fn join<'a>(traces: impl IntoIterator<Item = &'a TraceId>) -> String {
    traces.into_iter().map(TraceId::as_str).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1-5759e988-bd862e3fe1be46a994272793";

    #[test]
    fn an_id_is_found_in_the_headers_that_aws_sends() {
        for header in [
            format!("Root={ID}"),
            format!("Root={ID};Parent=53995c3f42cd8ad8;Sampled=1"),
            format!("Self=1-67891234-12456789abcdef012345678; Root={ID}; Lineage=a87bd80c:1"),
        ] {
            assert_eq!(TraceId::from_header(&header).unwrap().as_str(), ID, "{header}");
        }
    }

    #[test]
    fn nothing_else_of_a_header_gets_into_lines_and_rows() {
        for header in [
            "",
            ID,
            "Root=",
            "Root=1-5759e988",
            "Root=1-5759e988-bd862e3fe1be46a99427279",
            "Root=1-5759e988-bd862e3fe1be46a9942727933",
            "Root=2-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a99427279\"",
            "Root=1-5759E988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a994272793-0",
            "Root=a secret text",
        ] {
            assert_eq!(TraceId::from_header(header), None, "{header}");
        }
    }

    #[tokio::test]
    async fn work_knows_on_whose_behalf_it_runs() {
        let id = TraceId::parse(ID);
        assert_eq!(within(id.clone(), async { current() }).await, id);
        assert_eq!(current(), None);
    }
}
