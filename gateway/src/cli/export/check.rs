//! Whether an export is whole: its sum, and the count of its records (docs/contract.md, Export).

use serde_json::Value;
use shared::domain::export::sum::Sum;

/// How an export ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With a line that tells its count and its sum.
    WithLine,
    /// With its last record.
    Bare,
}

/// What is wrong with an export.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The last page has no sum.
    #[error("the last page has no sum")]
    NoSum,
    /// The last page has no last line.
    #[error("its last line is not its end")]
    NoEnd,
    /// The sum is another one.
    #[error("its SHA-256 is {found}, not {told}")]
    Sum {
        /// The sum of what came.
        found: String,
        /// That of what was sent.
        told: String,
    },
    /// There are other lines than were sent.
    #[error("it has {found} records, not {told}")]
    Count {
        /// Those that came.
        found: u64,
        /// Those that were sent.
        told: u64,
    },
    /// A page leads to itself.
    #[error("a page leads to itself")]
    NoProgress,
}

/// The sum and the count of the pages so far.
pub struct Check {
    ending: Ending,
    sum: Sum,
    lines: u64,
}

impl Check {
    /// Of no page.
    pub fn new(ending: Ending) -> Check {
        Check { ending, sum: Sum::default(), lines: 0 }
    }

    /// Takes a page that is not the last.
    pub fn add(&mut self, page: &[u8]) {
        self.sum.add(page);
        self.lines += page.iter().filter(|byte| **byte == b'\n').count() as u64;
    }

    /// Takes the last page with the sum that came with it; returns the number of lines before the end.
    ///
    /// # Errors
    /// What is wrong.
    pub fn end(mut self, page: &[u8], sha256: Option<&str>) -> Result<u64, CheckError> {
        let told = sha256.ok_or(CheckError::NoSum)?;
        if self.ending == Ending::Bare {
            self.add(page);
            let lines = self.lines;
            return self.agrees(told).map(|()| lines);
        }
        let text = page.strip_suffix(b"\n").ok_or(CheckError::NoEnd)?;
        let begin = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end: Value = serde_json::from_slice(&text[begin..]).map_err(|_| CheckError::NoEnd)?;
        let (Some("end"), Some(count), Some(sum)) =
            (end["type"].as_str(), end["count"].as_u64(), end["sha256"].as_str())
        else {
            return Err(CheckError::NoEnd);
        };
        self.add(&page[..begin]);
        let lines = self.lines;
        if lines != count {
            return Err(CheckError::Count { found: lines, told: count });
        }
        self.agrees(told)?;
        if sum == told { Ok(lines) } else { Err(CheckError::Sum { found: told.to_owned(), told: sum.to_owned() }) }
    }

    fn agrees(self, told: &str) -> Result<(), CheckError> {
        let found = self.sum.hex();
        if found == told { Ok(()) } else { Err(CheckError::Sum { found, told: told.to_owned() }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM_OF_AB: &str = "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603";

    fn end(count: u64, sum: &str) -> Vec<u8> {
        format!("{{\"type\":\"end\",\"count\":{count},\"first_seq\":null,\"sha256\":\"{sum}\"}}\n").into_bytes()
    }

    #[test]
    fn a_table_is_whole_if_its_sum_is_right() {
        let sum = |told| {
            let mut check = Check::new(Ending::Bare);
            check.add(b"a");
            check.end(b"b", told)
        };
        assert_eq!(sum(Some(SUM_OF_AB)), Ok(0));
        assert_eq!(sum(None), Err(CheckError::NoSum));
        assert!(matches!(sum(Some("")), Err(CheckError::Sum { .. })));
    }

    #[test]
    fn lines_are_whole_if_they_end_as_they_say() {
        let mut whole = Sum::default();
        whole.add(b"{}\n{}\n");
        let sum = whole.hex();
        let of = |last: &[u8], told: &str| {
            let mut check = Check::new(Ending::WithLine);
            check.add(b"{}\n");
            check.end(last, Some(told))
        };
        let last = |count, sum: &str| [b"{}\n".to_vec(), end(count, sum)].concat();
        assert_eq!(of(&last(2, &sum), &sum), Ok(2));
        assert_eq!(of(&last(3, &sum), &sum), Err(CheckError::Count { found: 2, told: 3 }));
        assert!(matches!(of(&last(2, "x"), &sum), Err(CheckError::Sum { .. })));
        assert!(matches!(of(&last(2, &sum), "x"), Err(CheckError::Sum { .. })));
        for cut in [&b""[..], b"\n", b"{}\n", b"{\"type\":\"end\"}\n", &last(2, &sum)[..20]] {
            assert_eq!(of(cut, &sum), Err(CheckError::NoEnd));
        }
    }
}
