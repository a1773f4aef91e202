//! An export as subtitles (WebVTT): a cue for each message that viewers see, for a `<track>` beside the recording of the event.

/// How a file begins.
pub const HEADER: &str = "WEBVTT\n\n";
/// A cue shows for so long, in milliseconds,
const SHORTEST_MS: u64 = 4_000;
/// and for each character longer,
const MS_PER_CHARACTER: u64 = 60;
/// but no longer than this.
const LONGEST_MS: u64 = 10_000;

/// What a cue says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cue<'a> {
    /// The message's number: the cue's identifier.
    pub seq: u64,
    /// The author.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
}

impl Cue<'_> {
    /// The cue that begins at an offset, in milliseconds.
    pub fn block(&self, start_ms: u64) -> String {
        let characters = self.text.chars().count() as u64;
        let shown_ms = (SHORTEST_MS + MS_PER_CHARACTER * characters).min(LONGEST_MS);
        let (start, end) = (time(start_ms), time(start_ms.saturating_add(shown_ms)));
        format!("{}\n{start} --> {end}\n<v {}>{}\n\n", self.seq, annotation(self.name), payload(self.text))
    }
}

/// Hours have two digits or more.
fn time(ms: u64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1000)
}

/// The name in a voice span, on one line. With the end of the tag, `--` would make an arrow, which ends a cue; white space at the end of a
/// name counts for nothing (WebVTT, 6.4).
fn annotation(name: &str) -> String {
    let name = escaped(&name.split_whitespace().collect::<Vec<_>>().join(" "));
    if name.ends_with("--") { name + " " } else { name }
}

/// The lines of a text: an empty one would end the cue.
fn payload(text: &str) -> String {
    let lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
    escaped(&lines.collect::<Vec<_>>().join("\n"))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\0' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cue_has_a_voice_and_its_time() {
        let cue = Cue { seq: 7, name: "Ann <3 & Bob", text: "a --> b\n\n  \nc & d" };
        assert_eq!(
            cue.block(3_723_004),
            "7\n01:02:03.004 --> 01:02:08.024\n<v Ann &lt;3 &amp; Bob>a --&gt; b\nc &amp; d\n\n"
        );
    }

    #[test]
    fn no_name_makes_an_arrow() {
        assert_eq!(
            Cue { seq: 1, name: "Ann--", text: "hi" }.block(0),
            "1\n00:00:00.000 --> 00:00:04.120\n<v Ann-- >hi\n\n"
        );
    }

    #[test]
    fn times_go_beyond_a_day_and_texts_show_ten_seconds_at_most() {
        let block = Cue { seq: 1, name: "x", text: &"y".repeat(5000) }.block(360_000_000);
        assert!(block.starts_with("1\n100:00:00.000 --> 100:00:10.000\n"), "{block}");
    }

    proptest! {
        #[test]
        fn whatever_was_written_stays_within_its_cue(name in "(?s).{1,20}", text in "(?s)[<>&\r\n\u{2028} a-]{0,40}", start in 0..u64::from(u32::MAX)) {
            let block = Cue { seq: 1, name: &name, text: &text }.block(start);
            let body = block.strip_suffix("\n\n").expect("the end of the cue");
            prop_assert!(!body.contains("\n\n") && !body.contains('\r'), "{block:?}");
            prop_assert_eq!(body.matches("-->").count(), 1);
            prop_assert_eq!(body.matches('<').count(), 1);
            prop_assert_eq!(body.matches('>').count(), 2);
        }
    }
}
