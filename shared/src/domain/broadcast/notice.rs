//! A notice: a frame that an act leaves for an audience (docs/contract.md, Notices). It is a row that is written together with the act,
//! so that neither comes without the other. Unlike a topic, it has no current value: each is sent, in the order of the ids.

use std::fmt::{self, Display, Formatter};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::broadcast::audience::Audience;
use crate::domain::wire::server_frame::ServerFrame;

/// The id of a notice. Ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NoticeId(String);

impl NoticeId {
    /// An id of this time. The random number tells apart the notices of a millisecond.
    pub fn new(now: Timestamp, random: u64) -> NoticeId {
        // Thirteen digits last until the year 2286.
        NoticeId(format!("{:013}-{random:016x}", now.as_millisecond().max(0)))
    }

    /// The id of a stored notice.
    pub fn stored(id: impl Into<String>) -> NoticeId {
        NoticeId(id.into())
    }
}

impl Display for NoticeId {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id, which its frame has as `notice_id`: a repeat after a crash has the same.
    pub id: NoticeId,
    /// The sockets that receive it.
    pub audience: Audience,
    /// The frame's text.
    pub frame: String,
}

impl Notice {
    /// A notice of this time. `random` is a random number.
    pub fn new(audience: Audience, frame: &ServerFrame<'_>, now: Timestamp, random: u64) -> Notice {
        #[derive(Serialize)]
        struct NoticeFrame<'a> {
            #[serde(flatten)]
            frame: &'a ServerFrame<'a>,
            notice_id: &'a NoticeId,
        }
        let id = NoticeId::new(now, random);
        let frame = serde_json::to_string(&NoticeFrame { frame, notice_id: &id });
        Notice { frame: frame.expect("a frame has only text keys and finite numbers"), audience, id }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn ids_sort_by_time() {
        let times =
            ["1970-01-01T00:00:00Z", "2001-09-09T01:46:39.999Z", "2001-09-09T01:46:40Z", "2286-01-01T00:00:00Z"];
        let ids = times.map(|time| NoticeId::new(at(time), u64::MAX));
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(NoticeId::new(at(times[1]), 1) < NoticeId::new(at(times[1]), 2));
    }

    #[test]
    fn a_frame_tells_its_notice() {
        let modes = json!({"slow_seconds": 30});
        let now = at("2026-01-05T19:30:00Z");
        let notice = Notice::new(Audience::Everybody, &ServerFrame::ModesUpdate { modes: &modes }, now, 7);
        let expected =
            r#"{"type":"modes_update","modes":{"slow_seconds":30},"notice_id":"1767641400000-0000000000000007"}"#;
        assert_eq!(notice.frame, expected);
    }
}
