//! The mark in the texts of a run's messages. Frames are searched for it by bytes: parsing each frame of each viewer would make this
//! tool the limit.

use memchr::memmem::Finder;

/// See the module.
pub(crate) struct MessageMark {
    mark: String,
    mark_finder: Finder<'static>,
    message_mark: Finder<'static>,
    seq_finder: Finder<'static>,
}

/// A message that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FoundMessage {
    /// Its number in the session.
    pub(crate) seq: u64,
    /// Its number in this run, if it is of this run.
    pub(crate) number: Option<usize>,
}

impl MessageMark {
    /// For the run of this name.
    pub(crate) fn of_run(run: &str) -> MessageMark {
        let mark = format!("load:{run}:");
        MessageMark {
            mark_finder: Finder::new(&mark).into_owned(),
            // No text can hold this: its quotation marks would be escaped.
            message_mark: Finder::new(r#""type":"new_message""#),
            seq_finder: Finder::new(r#""seq":"#),
            mark,
        }
    }

    /// The text of a message of this run.
    pub(crate) fn text(&self, number: usize, length: usize) -> String {
        let text = format!("{}{number:07} ", self.mark);
        format!("{text:x<length$}")
    }

    /// Hands on each new message of a frame, batches included, in its order.
    pub(crate) fn each_message(&self, frame: &[u8], mut hear: impl FnMut(FoundMessage)) {
        let mut at = self.message_mark.find(frame);
        while let Some(begin) = at {
            let after = begin + self.message_mark.needle().len();
            let next = self.message_mark.find(&frame[after..]).map(|offset| after + offset);
            let event = &frame[after..next.unwrap_or(frame.len())];
            if let Some(seq) = number_after(&self.seq_finder, event) {
                hear(FoundMessage {
                    seq,
                    number: number_after(&self.mark_finder, event).map(|number| number as usize),
                });
            }
            at = next;
        }
    }
}

fn number_after(finder: &Finder<'_>, bytes: &[u8]) -> Option<u64> {
    let begin = finder.find(bytes)? + finder.needle().len();
    // More digits than 18 are no number of the chat's.
    let digits = bytes[begin..].iter().take(18).take_while(|byte| byte.is_ascii_digit());
    digits.fold(None, |number: Option<u64>, digit| Some(number.unwrap_or(0) * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn heard(mark: &MessageMark, frame: &str) -> Vec<(u64, Option<usize>)> {
        let mut heard = Vec::new();
        mark.each_message(frame.as_bytes(), |event| heard.push((event.seq, event.number)));
        heard
    }

    #[test]
    fn messages_are_found_alone_and_in_batches() {
        let mark = MessageMark::of_run("0badcafe");
        let text = mark.text(42, 60);
        assert_eq!(text.len(), 60);
        let event = |seq: u64, text: &str| {
            let text = json!(text);
            format!(r#"{{"type":"new_message","message":{{"id":100,"seq":{seq},"message":{text}}}}}"#)
        };
        assert_eq!(heard(&mark, &event(7, &text)), [(7, Some(42))]);
        let trap = r#""type":"new_message" "seq":9 load:other:5"#;
        let likes = r#"{"type":"session_like_update","total_likes":3}"#;
        let batch = format!(
            r#"{{"type":"batch","events":[{},{likes},{},{}]}}"#,
            event(8, trap),
            event(9, &mark.text(0, 60)),
            event(10, "hello")
        );
        assert_eq!(heard(&mark, &batch), [(8, None), (9, Some(0)), (10, None)]);
        for other in [likes, "", "{}", r#"{"type":"ack","message_id":5}"#] {
            assert_eq!(heard(&mark, other), []);
        }
    }
}
