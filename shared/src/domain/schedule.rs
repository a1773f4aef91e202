//! When the main room has a session: around each day's draw, always, or when a host opens one.

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// How sessions of the main room follow each other.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// One session that never ends.
    Always,
    /// One session around each day's draw.
    Daily(DailyDraw),
    /// Those that a host creates (docs/contract.md, Sessions and rooms).
    Manual,
}

/// The daily draw and the hours around it.
#[derive(Clone, Debug)]
pub struct DailyDraw {
    /// Local time of the draw.
    pub time: Time,
    /// The session opens this long before the draw, in elapsed time.
    pub before: SignedDuration,
    /// The session closes this long after the draw, in elapsed time.
    pub after: SignedDuration,
}

/// A window in which one session is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The window's key in the table: the draw's local date, or `always`.
    pub key: String,
    /// Name of its session.
    pub name: String,
    /// First moment, included.
    pub start: Timestamp,
    /// Last moment, included; `None` if it never ends.
    pub end: Option<Timestamp>,
}

impl Schedule {
    /// The window that is open at a time, if any. An `always` window is proposed to begin with the current minute, so that even a
    /// clock that lags a little sees it as begun. The window that is stored first decides.
    pub fn window_at(&self, now: Timestamp, zone: &TimeZone) -> Option<Window> {
        let today = now.to_zoned(zone.clone()).date();
        match self {
            Schedule::Always => {
                let start = now - SignedDuration::from_millis(now.as_millisecond().rem_euclid(60_000));
                Some(Window { key: "always".to_owned(), name: name_of(today), start, end: None })
            }
            Schedule::Daily(draw) => [today.yesterday(), Ok(today), today.tomorrow()]
                .into_iter()
                .flatten()
                .map(|date| draw.window_on(date, zone))
                .rfind(|window| window.start <= now && window.end.is_none_or(|end| now <= end)),
            Schedule::Manual => None,
        }
    }

    /// The first window that takes a moment of a time; an end of `None` is never.
    pub fn first_window_within(&self, start: Timestamp, end: Option<Timestamp>, zone: &TimeZone) -> Option<Window> {
        let open = self.window_at(start, zone);
        open.or_else(|| {
            let next = self.next_start(start, zone).filter(|next| end.is_none_or(|end| *next <= end))?;
            self.window_at(next, zone)
        })
    }

    /// The time at which the next window opens; `None` under `always`, where one is open already, and under `manual`.
    pub fn next_start(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let Schedule::Daily(draw) = self else { return None };
        let today = now.to_zoned(zone.clone()).date();
        // A session may open up to a day before its draw.
        let days = (0..=2).filter_map(|days| today.checked_add(days.days()).ok());
        days.map(|date| draw.window_on(date, zone).start).find(|start| *start > now)
    }
}

impl DailyDraw {
    fn window_on(&self, date: Date, zone: &TimeZone) -> Window {
        let draw = instant_of(date, self.time, zone);
        Window { key: date.to_string(), name: name_of(date), start: draw - self.before, end: Some(draw + self.after) }
    }
}

/// The instant at which wall clocks first show a local time. If a clock change skips it, the instant of the change.
fn instant_of(date: Date, time: Time, zone: &TimeZone) -> Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(date.to_datetime(time));
    match ambiguous.offset() {
        AmbiguousOffset::Gap { before, .. } => {
            // With the offset from before the change, the skipped time lies just after the change.
            let after_the_gap = before.to_timestamp(date.to_datetime(time)).unwrap_or(Timestamp::MAX);
            let just_past = after_the_gap.checked_add(1.nanosecond()).unwrap_or(Timestamp::MAX);
            zone.preceding(just_past).next().map_or(after_the_gap, |change| change.timestamp())
        }
        _ => ambiguous.earlier().unwrap_or(Timestamp::MAX),
    }
}

fn name_of(date: Date) -> String {
    format!("Draw Chat - {}", date.strftime("%B %d, %Y"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daily(hour: i8, minute: i8, before: i64, after: i64) -> Schedule {
        let hours = SignedDuration::from_hours;
        Schedule::Daily(DailyDraw {
            time: Time::constant(hour, minute, 0, 0),
            before: hours(before),
            after: hours(after),
        })
    }

    fn window(schedule: &Schedule, zone: &str, now: &str) -> Option<(String, String, String)> {
        let window = schedule.window_at(now.parse().unwrap(), &TimeZone::get(zone).unwrap())?;
        Some((window.key, window.start.to_string(), window.end.unwrap().to_string()))
    }

    fn some(key: &str, start: &str, end: &str) -> Option<(String, String, String)> {
        Some((key.to_owned(), start.to_owned(), end.to_owned()))
    }

    const NEW_YORK: &str = "America/New_York";

    #[test]
    fn the_guides_session_opens_an_hour_before_the_draw_and_closes_an_hour_after_it() {
        let guide = some("2024-01-01", "2024-01-02T00:00:00Z", "2024-01-02T02:00:00Z");
        let schedule = daily(20, 0, 1, 1);
        for now in ["2024-01-02T00:00:00Z", "2024-01-02T01:00:00Z", "2024-01-02T01:30:00Z", "2024-01-02T02:00:00Z"] {
            assert_eq!(window(&schedule, NEW_YORK, now), guide, "{now}");
        }
        for now in ["2024-01-01T23:59:59.999Z", "2024-01-02T02:00:00.001Z", "2024-01-02T12:00:00Z"] {
            assert_eq!(window(&schedule, NEW_YORK, now), None, "{now}");
        }
    }

    #[test]
    fn the_hour_after_a_draw_before_midnight_belongs_to_that_draw() {
        let schedule = daily(23, 30, 2, 2);
        let expected = some("2024-01-01", "2024-01-02T02:30:00Z", "2024-01-02T06:30:00Z");
        assert_eq!(window(&schedule, NEW_YORK, "2024-01-02T05:30:00Z"), expected, "00:30 of the next local day");
    }

    #[test]
    fn the_hour_before_a_draw_just_after_midnight_belongs_to_that_draw() {
        let schedule = daily(0, 15, 1, 1);
        let expected = some("2024-01-02", "2024-01-02T04:15:00Z", "2024-01-02T06:15:00Z");
        assert_eq!(window(&schedule, NEW_YORK, "2024-01-02T04:30:00Z"), expected, "23:30 of the day before");
    }

    #[test]
    fn a_draw_time_that_the_clock_change_skips_is_at_the_gaps_end() {
        // On 2024-03-10 New York goes from 02:00 EST to 03:00 EDT, which is 07:00Z.
        let expected = some("2024-03-10", "2024-03-10T06:00:00Z", "2024-03-10T08:00:00Z");
        for (hour, minute) in [(2, 0), (2, 30), (2, 59), (3, 0)] {
            assert_eq!(
                window(&daily(hour, minute, 1, 1), NEW_YORK, "2024-03-10T07:00:00Z"),
                expected,
                "{hour}:{minute}"
            );
        }
    }

    #[test]
    fn a_doubled_draw_time_is_the_first_one() {
        // On 2024-11-03 New York has 01:30 twice: at 05:30Z (EDT) and at 06:30Z (EST).
        let expected = some("2024-11-03", "2024-11-03T04:30:00Z", "2024-11-03T06:30:00Z");
        assert_eq!(window(&daily(1, 30, 1, 1), NEW_YORK, "2024-11-03T05:30:00Z"), expected);
        assert_eq!(window(&daily(1, 30, 1, 1), NEW_YORK, "2024-11-03T06:31:00Z"), None);
    }

    #[test]
    fn hours_around_the_draw_are_elapsed_hours_on_both_change_days() {
        let schedule = daily(4, 0, 3, 1);
        let spring = some("2024-03-10", "2024-03-10T05:00:00Z", "2024-03-10T09:00:00Z");
        assert_eq!(window(&schedule, NEW_YORK, "2024-03-10T05:00:00Z"), spring, "midnight EST, four wall hours before");
        let autumn = some("2024-11-03", "2024-11-03T06:00:00Z", "2024-11-03T10:00:00Z");
        assert_eq!(window(&schedule, NEW_YORK, "2024-11-03T06:00:00Z"), autumn, "the second 01:00, three hours before");
    }

    #[test]
    fn windows_of_the_widest_schedule_never_overlap_over_two_years() {
        for zone in [NEW_YORK, "Europe/Madrid", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"] {
            let (Schedule::Daily(draw), zone) = (daily(2, 30, 11, 11), TimeZone::get(zone).unwrap()) else {
                unreachable!()
            };
            let mut date: Date = "2024-01-01".parse().unwrap();
            for _ in 0..731 {
                let (today, next) = (draw.window_on(date, &zone), draw.window_on(date.tomorrow().unwrap(), &zone));
                assert!(today.end.unwrap() < next.start, "{zone:?} {date}");
                date = date.tomorrow().unwrap();
            }
        }
    }

    #[test]
    fn the_next_window_is_todays_or_tomorrows() {
        let next = |schedule: &Schedule, now: &str| {
            let next = schedule.next_start(now.parse().unwrap(), &TimeZone::get(NEW_YORK).unwrap());
            next.map(|next| next.to_string())
        };
        let evening = daily(20, 0, 1, 1);
        assert_eq!(next(&evening, "2024-01-01T12:00:00Z").unwrap(), "2024-01-02T00:00:00Z");
        assert_eq!(next(&evening, "2024-01-02T00:00:00Z").unwrap(), "2024-01-03T00:00:00Z", "that one is open");
        // Just before midnight, the session around the draw just after the next midnight is tomorrow's.
        assert_eq!(next(&daily(0, 15, 23, 0), "2024-01-02T04:59:00Z").unwrap(), "2024-01-02T06:15:00Z");
        assert_eq!(next(&Schedule::Always, "2024-01-01T12:00:00Z"), None);
    }

    #[test]
    fn a_time_is_taken_by_the_window_that_is_open_or_opens_within_it() {
        let within = |schedule: &Schedule, start: &str, end: Option<&str>| {
            let end = end.map(|end| end.parse().unwrap());
            let zone = TimeZone::get(NEW_YORK).unwrap();
            schedule.first_window_within(start.parse().unwrap(), end, &zone).map(|window| window.key)
        };
        // From 19:00 to 21:00 in New York, which is 00:00Z to 02:00Z.
        let evening = daily(20, 0, 1, 1);
        for (start, end, key) in [
            ("2024-01-02T01:00:00Z", Some("2024-01-02T01:01:00Z"), Some("2024-01-01")),
            ("2024-01-02T02:00:00.001Z", Some("2024-01-02T23:59:59.999Z"), None),
            ("2024-01-02T02:00:00.001Z", Some("2024-01-03T00:00:00Z"), Some("2024-01-02")),
            ("2024-01-02T12:00:00Z", None, Some("2024-01-02")),
        ] {
            assert_eq!(within(&evening, start, end).as_deref(), key, "{start} to {end:?}");
        }
        assert_eq!(within(&Schedule::Always, "2024-01-02T12:00:00Z", None).as_deref(), Some("always"));
        assert_eq!(within(&Schedule::Manual, "2024-01-02T12:00:00Z", None), None);
    }

    #[test]
    fn always_is_open_and_named_after_today() {
        let zone = TimeZone::get(NEW_YORK).unwrap();
        let window = Schedule::Always.window_at("2024-01-02T03:00:00Z".parse().unwrap(), &zone).unwrap();
        assert_eq!((window.name.as_str(), window.end), ("Draw Chat - January 01, 2024", None));
    }
}
