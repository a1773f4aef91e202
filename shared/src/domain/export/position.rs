//! How far an export has come: what the link to the next page carries. It is opaque to clients. A client that forges one gets another page
//! of the session that it may read anyway, and a sum that fits nothing.

use std::fmt;
use std::str::FromStr;

use super::sum::Sum;
use crate::domain::message::MAX_SEQ;
use crate::domain::moderation::action_id::ActionId;

/// The version of the form. One of another version is refused: it comes from functions that were replaced between two pages.
const VERSION: &str = "1";
const PARTS: usize = 8;

/// The end of a page.
#[derive(Clone, Debug)]
pub struct Position {
    /// The log was read up to this number.
    pub seq: u64,
    /// The audit log was read up to this act.
    pub act: ActionId,
    /// What was written so far.
    pub written: Written,
}

/// What the pages so far hold.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Records.
    pub count: u64,
    /// The first number among them; 0 if there is none.
    pub first_seq: u64,
    /// The last number among them; 0 if there is none.
    pub last_seq: u64,
    /// The start of the last cue, in milliseconds.
    pub cue_ms: u64,
    /// The sum of their bytes.
    pub sum: Sum,
}

/// A text that is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("next is not from the link of a page of this version: begin anew, with after")]
pub struct NotAPosition;

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Written { count, first_seq, last_seq, cue_ms, sum } = &self.written;
        let (seq, act, sum) = (self.seq, self.act.as_str(), sum.state());
        write!(formatter, "{VERSION}.{seq}.{act}.{count}.{first_seq}.{last_seq}.{cue_ms}.{sum}")
    }
}

impl FromStr for Position {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Position, NotAPosition> {
        let parts: Vec<&str> = text.split('.').take(PARTS + 1).collect();
        let [VERSION, seq, act, count, first_seq, last_seq, cue_ms, sum] = parts[..] else { return Err(NotAPosition) };
        let written = Written {
            count: number(count, u64::from(u32::MAX))?,
            first_seq: number(first_seq, MAX_SEQ)?,
            last_seq: number(last_seq, MAX_SEQ)?,
            cue_ms: number(cue_ms, u64::from(u32::MAX) * 1000)?,
            sum: Sum::of_state(sum).ok_or(NotAPosition)?,
        };
        Ok(Position { seq: number(seq, MAX_SEQ)?, act: act.parse().map_err(|_| NotAPosition)?, written })
    }
}

fn number(text: &str, most: u64) -> Result<u64, NotAPosition> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number <= most).ok_or(NotAPosition)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn position(seq: u64) -> Position {
        let mut written = Written { count: 7, first_seq: 1, last_seq: seq, cue_ms: 12, ..Written::default() };
        written.sum.add(b"some bytes");
        Position { seq, act: ActionId::at(Timestamp::UNIX_EPOCH), written }
    }

    #[test]
    fn a_position_is_read_as_it_was_written() {
        let text = position(41).to_string();
        let read: Position = text.parse().unwrap();
        assert_eq!(read.to_string(), text);
        assert_eq!((read.seq, read.written.count, read.written.last_seq), (41, 7, 41));
        assert!(
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)),
            "{text}: no escapes in a query"
        );
        assert!(text.len() < 250, "{text}: a link of API Gateway's header limit");
    }

    #[test]
    fn anything_else_is_refused() {
        let good = position(41).to_string();
        let of = |part: usize, text: &str| {
            let mut parts: Vec<&str> = good.split('.').collect();
            parts[part] = text;
            parts.join(".")
        };
        for bad in [
            String::new(),
            "1".to_owned(),
            of(0, "2"),
            of(1, "100000000"),
            of(1, "-1"),
            of(1, "+1"),
            of(2, "x"),
            of(3, ""),
            of(7, "AAAA"),
            format!("{good}.1"),
            good[..good.len() - 4].to_owned(),
        ] {
            assert!(bad.parse::<Position>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_again(text in "1\\.[0-9]{1,8}\\.[0-7][0-9a-hjkmnp-tv-z]{25}\\.[0-9]{1,4}\\.[0-9]{1,4}\\.[0-9]{1,4}\\.[0-9]{1,4}\\.[A-Za-z0-9_-]{0,150}") {
            if let Ok(position) = text.parse::<Position>() {
                let again: Position = position.to_string().parse().expect("its own form");
                prop_assert_eq!(again.to_string(), position.to_string());
            }
        }
    }
}
