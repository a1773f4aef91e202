//! Writes the records of a page in their format, and keeps account of what was written.

use super::position::Written;
use super::record::{EndRecord, Record};
use super::request::Format;
use super::{csv, vtt};
use crate::domain::session::State;

/// A page that is being written.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    /// The time from which cues count, in milliseconds since 1970.
    start_ms: i64,
    body: String,
    written: Written,
}

impl Writer {
    /// A page after what was written before.
    pub fn new(format: Format, start_ms: i64, written: Written) -> Writer {
        Writer { format, start_ms, body: String::new(), written }
    }

    /// Begins the file.
    pub fn begin(&mut self, session: &Record) {
        match self.format {
            Format::Jsonl => self.put(0, &session.line()),
            Format::Csv => self.body.push_str(csv::HEADER),
            Format::Vtt => self.body.push_str(vtt::HEADER),
        }
    }

    /// What a record adds; nothing if the format leaves it out. `at_ms` is its time, in milliseconds since 1970.
    pub fn text_of(&self, record: &Record, at_ms: i64) -> String {
        match self.format {
            Format::Jsonl => record.line(),
            Format::Csv => record.row().map(|row| row.line()).unwrap_or_default(),
            // What was said before the recording began is left out.
            Format::Vtt if at_ms < self.start_ms => String::new(),
            Format::Vtt => record.cue().map(|cue| cue.block(self.cue_ms(at_ms))).unwrap_or_default(),
        }
    }

    /// Adds a record with the number `seq`, or 0 if it has none of its own, and its text.
    pub fn add(&mut self, seq: u64, at_ms: i64, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.format == Format::Vtt {
            self.written.cue_ms = self.cue_ms(at_ms);
        }
        self.put(seq, text);
    }

    /// Ends the file: returns the body of the last page, and the sum of all pages.
    pub fn end(mut self, up_to_seq: u64, state: State) -> (String, String) {
        self.sum_up();
        let sha256 = self.written.sum.hex();
        if self.format == Format::Jsonl {
            let Written { count, first_seq, last_seq, .. } = self.written;
            let some = |seq: u64| (seq > 0).then_some(seq);
            let (first_seq, last_seq) = (some(first_seq), some(last_seq));
            let end = EndRecord { r#type: "end", count, first_seq, last_seq, up_to_seq, state, sha256: sha256.clone() };
            self.body.push_str(&serde_json::to_string(&end).expect("the end has only text keys and finite numbers"));
            self.body.push('\n');
        }
        (self.body, sha256)
    }

    /// Ends the page: returns its body, and what is written by then.
    pub fn pause(mut self) -> (String, Written) {
        self.sum_up();
        (self.body, self.written)
    }

    /// The size of the page so far, in bytes.
    pub fn bytes(&self) -> usize {
        self.body.len()
    }

    fn put(&mut self, seq: u64, text: &str) {
        self.body.push_str(text);
        self.written.count += 1;
        if seq > 0 {
            self.written.last_seq = seq;
            if self.written.first_seq == 0 {
                self.written.first_seq = seq;
            }
        }
    }

    fn sum_up(&mut self) {
        self.written.sum.add(self.body.as_bytes());
    }

    /// Cues begin in order (WebVTT, 4.1): two messages may have been stored in the other order than their numbers.
    fn cue_ms(&self, at_ms: i64) -> u64 {
        u64::try_from(at_ms - self.start_ms).unwrap_or_default().max(self.written.cue_ms)
    }
}
