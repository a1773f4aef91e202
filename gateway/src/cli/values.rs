//! Values of arguments, parsed as the chat parses them.

use jiff::{SignedDuration, Timestamp};
use shared::domain::caller::{Capability, MAX_BADGE, parse_badge};
use shared::domain::text::display_name::DisplayName;
use shared::domain::text::picture;

pub(super) fn capability(text: &str) -> Result<String, String> {
    let known = || Capability::all().map(Capability::name).collect::<Vec<_>>().join(", ");
    Capability::of_name(text)
        .map(|one| one.name().to_owned())
        .ok_or_else(|| format!("a capability is one of {}", known()))
}

pub(super) fn attribute(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or("an attribute is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let of_seconds = text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let moment = of_seconds.or_else(|| text.parse().ok());
    moment.ok_or_else(|| "a time is as in 2026-01-31T12:00:00Z, or seconds since 1970".to_owned())
}

pub(super) fn display_name(text: &str) -> Result<String, String> {
    DisplayName::parse(text).map(DisplayName::into_string).ok_or_else(|| "a name has something to see".to_owned())
}

pub(super) fn badge(text: &str) -> Result<String, String> {
    parse_badge(text).ok_or_else(|| format!("a badge has 1 to {MAX_BADGE} characters, and something to see"))
}

pub(super) fn picture(text: &str) -> Result<String, String> {
    picture::address(text).ok_or_else(|| "a picture is an https address".to_owned())
}

pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "a duration is a whole number with s, m, h or d, such as 12h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return Err(wrong()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    Ok(SignedDuration::from_secs(i64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_displayed_is_cleaned_or_refused() {
        assert_eq!(display_name(" \u{202e}Ali\u{200b}ce\n"), Ok("Alice".to_owned()));
        assert_eq!(badge("gold\u{200b}"), Ok("gold".to_owned()));
        assert_eq!(picture("https://example.org/a.png"), Ok("https://example.org/a.png".to_owned()));
        assert!(
            display_name("\u{3164}").is_err()
                && badge(&"x".repeat(51)).is_err()
                && picture("http://example.org").is_err()
        );
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("12h"), Ok(SignedDuration::from_hours(12)));
        assert_eq!(duration("7d"), Ok(SignedDuration::from_hours(168)));
        assert_eq!(duration("90s"), Ok(SignedDuration::from_secs(90)));
        for text in ["", "h", "12", "-1h", "1.5h", "12é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
