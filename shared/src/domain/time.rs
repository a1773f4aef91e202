//! Times on the wire (RFC 3339 in the configured time zone), and the skew of clocks.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `end_time` of a session that never ends (docs/contract.md, Sessions and rooms).
pub const NEVER: &str = "9999-12-31T23:59:59Z";

/// Clocks of concurrent functions differ by less than this, in milliseconds. A time that lies further ahead was noted before a clock
/// jumped back.
pub const SKEW_MS: i64 = 1_000;

/// RFC 3339 to the second, with the zone's offset (`Z` for UTC).
pub fn to_the_second(time: Timestamp, zone: &TimeZone) -> String {
    format_in(time, zone, "%Y-%m-%dT%H:%M:%S")
}

/// RFC 3339 to the millisecond, as `created_at` shows it.
pub fn to_the_millisecond(time: Timestamp, zone: &TimeZone) -> String {
    format_in(time, zone, "%Y-%m-%dT%H:%M:%S%.3f")
}

fn format_in(time: Timestamp, zone: &TimeZone, digits: &str) -> String {
    let offset = if is_utc(zone) { "Z" } else { "%:z" };
    time.to_zoned(zone.clone()).strftime(&format!("{digits}{offset}")).to_string()
}

fn is_utc(zone: &TimeZone) -> bool {
    matches!(zone.iana_name(), Some("UTC" | "Etc/UTC" | "Etc/Zulu" | "Zulu" | "UCT" | "Etc/UCT"))
}

/// A time from milliseconds since 1970, clamped to the range of a timestamp.
pub fn from_millis(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The next full second after a time in milliseconds since 1970, or that time itself: whoever waits until then has waited long enough.
pub fn full_second(milliseconds: i64) -> Timestamp {
    from_millis(milliseconds.saturating_add(999).div_euclid(1000).saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_carries_the_offset_of_its_zone() {
        let new_york = TimeZone::get("America/New_York").unwrap();
        assert_eq!(to_the_second(at("2024-01-02T00:00:00Z"), &new_york), "2024-01-01T19:00:00-05:00");
        assert_eq!(to_the_second(at("2024-07-02T00:00:00Z"), &new_york), "2024-07-01T20:00:00-04:00");
    }

    #[test]
    fn utc_is_written_as_z_but_london_in_winter_is_not() {
        let utc = TimeZone::get("UTC").unwrap();
        let london = TimeZone::get("Europe/London").unwrap();
        assert_eq!(to_the_millisecond(at("2024-01-01T20:30:00.0459Z"), &utc), "2024-01-01T20:30:00.045Z");
        assert_eq!(to_the_second(at("2024-01-01T20:30:00Z"), &london), "2024-01-01T20:30:00+00:00");
    }
}
