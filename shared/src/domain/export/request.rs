//! What a client asks to export.

use jiff::Timestamp;

use super::position::{NotAPosition, Position};
use crate::domain::error::ChatError;
use crate::domain::message::MAX_SEQ;

/// In bytes, as that of a token's `sub`.
const MAX_USER_ID: usize = 255;

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line of JSON for each record, and one at the end.
    Jsonl,
    /// A table (RFC 4180).
    Csv,
    /// Subtitles (WebVTT) of the messages that viewers see.
    Vtt,
}

impl Format {
    /// Its name in a query.
    pub fn name(self) -> &'static str {
        match self {
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Vtt => "vtt",
        }
    }

    /// The media type of its pages, which are UTF-8 (RFC 7111, 5.1, for the table).
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Jsonl => "application/jsonl",
            Format::Csv => "text/csv",
            Format::Vtt => "text/vtt",
        }
    }
}

/// The parameters of a request, as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct RawExport<'a> {
    /// `format`.
    pub format: Option<&'a str>,
    /// `after`.
    pub after: Option<&'a str>,
    /// `next`.
    pub next: Option<&'a str>,
    /// `include_deleted`.
    pub include_deleted: Option<&'a str>,
    /// `start`.
    pub start: Option<&'a str>,
    /// `user_id`.
    pub user_id: Option<&'a str>,
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub enum Beginning {
    /// It is the first, of what comes after this number.
    After(u64),
    /// Where the page before it ended.
    Next(Box<Position>),
}

/// A checked request.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// The format.
    pub format: Format,
    /// Where the page begins.
    pub beginning: Beginning,
    /// Whether the texts of messages that are gone are in it.
    pub include_deleted: bool,
    /// The time from which cues count.
    pub start: Option<Timestamp>,
    /// The user who alone is asked for.
    pub user_id: Option<String>,
}

impl ExportRequest {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the parameter.
    pub fn parse(raw: RawExport<'_>) -> Result<ExportRequest, ChatError> {
        let format = match raw.format {
            None | Some("jsonl") => Format::Jsonl,
            Some("csv") => Format::Csv,
            Some("vtt") => Format::Vtt,
            Some(_) => return Err(invalid("format is jsonl, csv or vtt")),
        };
        let beginning = match (raw.after, raw.next) {
            (Some(_), Some(_)) => return Err(invalid("Give after or next, not both")),
            (None, Some(next)) => {
                let position = next.parse().map_err(|error: NotAPosition| invalid(&error.to_string()))?;
                Beginning::Next(Box::new(position))
            }
            (after, None) => Beginning::After(after.map_or(Ok(0), seq)?),
        };
        let include_deleted = match raw.include_deleted {
            None | Some("false") => false,
            Some("true") if format == Format::Vtt => {
                return Err(invalid("A file of subtitles has only what viewers see: leave include_deleted out"));
            }
            Some("true") => true,
            Some(_) => return Err(invalid("include_deleted is true or false")),
        };
        let start = match raw.start {
            Some(_) if format != Format::Vtt => return Err(invalid("start is for format=vtt alone")),
            Some(text) => Some(time(text)?),
            None => None,
        };
        let user_id = raw.user_id.map(|user_id| match user_id.len() {
            1..=MAX_USER_ID => Ok(user_id.to_owned()),
            _ => Err(invalid("user_id has 1 to 255 bytes")),
        });
        Ok(ExportRequest { format, beginning, include_deleted, start, user_id: user_id.transpose()? })
    }
}

fn invalid(sentence: &str) -> ChatError {
    ChatError::InvalidRequest(sentence.to_owned())
}

fn digits(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn seq(text: &str) -> Result<u64, ChatError> {
    digits(text).filter(|seq| *seq <= MAX_SEQ).ok_or_else(|| invalid("after is the seq of a message or an event"))
}

fn time(text: &str) -> Result<Timestamp, ChatError> {
    let of_seconds = digits(text).and_then(|seconds| Timestamp::from_second(i64::try_from(seconds).ok()?).ok());
    // A `+` that was not escaped is a space by now.
    let time = of_seconds.or_else(|| text.replace(' ', "+").parse().ok());
    time.ok_or_else(|| invalid("start is a time such as 2026-01-31T20:00:00Z, or seconds since 1970"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: RawExport<'_>) -> Result<ExportRequest, String> {
        ExportRequest::parse(raw).map_err(|error| {
            assert_eq!(error.code(), "invalid_request");
            error.to_string()
        })
    }

    #[test]
    fn without_parameters_all_is_exported_as_lines() {
        let request = parse(RawExport::default()).unwrap();
        assert_eq!((request.format, request.include_deleted, request.start), (Format::Jsonl, false, None));
        assert!(matches!(request.beginning, Beginning::After(0)));
    }

    #[test]
    fn a_start_is_a_time_with_an_offset_or_seconds() {
        let start = |text| parse(RawExport { format: Some("vtt"), start: Some(text), ..RawExport::default() });
        for text in ["2024-01-01T20:00:00Z", "2024-01-01T15:00:00-05:00", "2024-01-01T21:00:00 01:00", "1704139200"] {
            assert_eq!(start(text).unwrap().start.unwrap().as_second(), 1_704_139_200, "{text}");
        }
        for text in ["", "now", "2024-01-01", "99999999999999999999"] {
            assert!(start(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let raw = RawExport::default();
        let long = "x".repeat(256);
        for bad in [
            RawExport { format: Some("xml"), ..raw },
            RawExport { after: Some("x"), ..raw },
            RawExport { after: Some("-1"), ..raw },
            RawExport { after: Some("100000000"), ..raw },
            RawExport { next: Some("x"), ..raw },
            RawExport { next: Some("x"), after: Some("1"), ..raw },
            RawExport { include_deleted: Some("yes"), ..raw },
            RawExport { include_deleted: Some("true"), format: Some("vtt"), ..raw },
            RawExport { start: Some("0"), ..raw },
            RawExport { user_id: Some(""), ..raw },
            RawExport { user_id: Some(&long), ..raw },
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
