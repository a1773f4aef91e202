//! Reports of messages: what a viewer says, how many an hour, and what follows from their number (docs/contract.md, Reports).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fields::{Fields, invalid};
use crate::domain::error::ChatError;

/// Reports of a user in any hour. A repeat does not count.
pub const REPORTS_PER_HOUR: usize = 20;
/// The length of that hour, in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;
/// In characters.
const MAX_COMMENT: usize = 500;

/// Why somebody reports a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Advertising, floods, fraud.
    Spam,
    /// Against a person.
    Harassment,
    /// Against a group.
    Hate,
    /// Sexual content.
    Sexual,
    /// Violence, and threats of it.
    Violence,
    /// Somebody may hurt themselves.
    SelfHarm,
    /// A child is in danger.
    ChildSafety,
    /// Addresses, numbers and the like of somebody else.
    PersonalInfo,
    /// Against the law.
    Illegal,
    /// Anything else.
    Other,
}

impl Reason {
    /// Each one with its name on the wire, which is that of its counter, too.
    const TABLE: [(Reason, &'static str); 10] = [
        (Reason::Spam, "spam"),
        (Reason::Harassment, "harassment"),
        (Reason::Hate, "hate"),
        (Reason::Sexual, "sexual"),
        (Reason::Violence, "violence"),
        (Reason::SelfHarm, "self_harm"),
        (Reason::ChildSafety, "child_safety"),
        (Reason::PersonalInfo, "personal_info"),
        (Reason::Illegal, "illegal"),
        (Reason::Other, "other"),
    ];

    /// The prefix of the counter of a reason in the tally of a message.
    pub(crate) const COUNTER: &str = "reason_";

    /// The reason that a counter of the tally counts.
    pub(crate) fn of_counter(name: &str) -> Option<Reason> {
        Reason::of_name(name.strip_prefix(Reason::COUNTER)?)
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        Reason::TABLE[self as usize].1
    }

    /// The reason with this name.
    pub fn of_name(name: &str) -> Option<Reason> {
        Reason::TABLE.into_iter().find(|(_, known)| *known == name).map(|(reason, _)| reason)
    }
}

/// How many reports name each reason.
pub type Reasons = BTreeMap<Reason, u64>;

/// The names of reasons, the most frequent first.
pub fn by_frequency(reasons: &Reasons) -> Vec<&'static str> {
    let mut sorted: Vec<_> = reasons.iter().collect();
    sorted.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), **reason));
    sorted.into_iter().map(|(reason, _)| reason.name()).collect()
}

/// What a viewer says about a message: the body of `POST /live-chat/report-message/{message_id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRequest {
    /// Why.
    pub reason: Reason,
    /// In the viewer's words, for staff.
    pub comment: Option<String>,
}

impl ReportRequest {
    /// Reads a body.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the field.
    pub fn parse(body: &[u8]) -> Result<ReportRequest, ChatError> {
        let fields = Fields::parse(body)?;
        let reason = fields.required("reason")?.as_str().and_then(Reason::of_name);
        let names = Reason::TABLE.map(|(_, name)| name).join(", ");
        let reason = reason.ok_or_else(|| invalid(format!("reason must be one of {names}")))?;
        Ok(ReportRequest { reason, comment: fields.prose("comment", MAX_COMMENT)? })
    }
}

/// The times of a user's reports with one more, in milliseconds since 1970, in order.
///
/// # Errors
/// The time after which it may pass, if there were [`REPORTS_PER_HOUR`] in the last hour.
pub fn admit(earlier: &[i64], now_ms: i64) -> Result<Vec<i64>, Duration> {
    // A clock that jumped back must not keep a user waiting for longer than an hour.
    let mut within: Vec<i64> = earlier.iter().map(|at| (*at).min(now_ms)).filter(|at| *at > now_ms - HOUR_MS).collect();
    within.sort_unstable();
    if within.len() >= REPORTS_PER_HOUR {
        let passes_at = within[within.len() - REPORTS_PER_HOUR] + HOUR_MS;
        return Err(Duration::from_millis((passes_at - now_ms).clamp(1, HOUR_MS) as u64));
    }
    within.push(now_ms);
    Ok(within)
}

/// The reports of a message, and what came of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Users who reported it.
    pub reports: u64,
    /// The number of reports that staff heard of last.
    pub told: u64,
    /// Reports at which hiding is looked at again, because some of the earlier ones were by users who are sanctioned since.
    pub look_again_at: u64,
    /// Whether its author is of the staff.
    pub by_staff: bool,
    /// Whether it is hidden.
    pub hidden: bool,
    /// Whether staff have dealt with its reports.
    pub dismissed: bool,
}

/// What follows from a tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing.
    Nothing,
    /// Staff hear of it.
    Tell,
    /// It is hidden, unless too many of those who reported it are sanctioned.
    Hide,
}

impl Tally {
    /// What is due, if so many reports hide a message.
    ///
    /// Staff hear of the reports by a rule of their number, not of time: whoever reports is the only one there to tell it, and nobody would
    /// come back after some seconds to tell the last number. So a message has a handful of notices, however many report it at once.
    pub fn due(&self, hide_at: Option<u64>) -> Due {
        if self.dismissed || self.reports == 0 {
            return Due::Nothing;
        }
        let hides = hide_at.is_some_and(|hide_at| self.reports >= hide_at.max(self.look_again_at));
        match (hides && !self.by_staff && !self.hidden, self.reports >= next_told(self.told)) {
            (true, _) => Due::Hide,
            (false, true) => Due::Tell,
            (false, false) => Due::Nothing,
        }
    }
}

/// The number of reports of which staff hear after this one: 1, 2, 3, 5, 10, 20, 50, 100, 200 and so on.
fn next_told(told: u64) -> u64 {
    if told == 2 {
        return 3;
    }
    let mut power: u64 = 1;
    loop {
        for step in [1, 2, 5] {
            if step * power > told {
                return step * power;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(body: &Value) -> Result<ReportRequest, ChatError> {
        ReportRequest::parse(body.to_string().as_bytes())
    }

    #[test]
    fn each_reason_has_its_name_in_bodies_and_in_rows() {
        for (line, (reason, name)) in Reason::TABLE.into_iter().enumerate() {
            assert_eq!((reason as usize, reason.name()), (line, name));
            assert_eq!(parse(&json!({"reason": name})).unwrap(), ReportRequest { reason, comment: None });
            assert_eq!(serde_json::to_value(reason).unwrap(), name);
        }
    }

    #[test]
    fn a_body_has_a_reason_and_may_have_a_comment() {
        let request = parse(&json!({"reason": "other", "comment": " Look\r\nhere ", "more": 1})).unwrap();
        assert_eq!(request.comment.as_deref(), Some("Look\nhere"));
        assert_eq!(parse(&json!({"reason": "other", "comment": "x".repeat(500)})).unwrap().comment.unwrap().len(), 500);
        for (body, named) in [
            (json!({}), "reason"),
            (json!({"reason": "rude"}), "self_harm"),
            (json!({"reason": "Spam"}), "reason"),
            (json!({"reason": ["spam"]}), "reason"),
            (json!({"reason": "spam", "comment": 7}), "comment"),
            (json!({"reason": "spam", "comment": "x".repeat(501)}), "comment"),
        ] {
            let error = parse(&body).unwrap_err();
            assert!(error.code() == "invalid_request" && error.to_string().contains(named), "{body}: {error}");
        }
    }

    #[test]
    fn twenty_reports_pass_in_any_hour() {
        let (mut times, mut passed) = (Vec::new(), Vec::new());
        for now in (0..3 * HOUR_MS).step_by(60_000) {
            if let Ok(next) = admit(&times, now) {
                times = next;
                passed.push(now);
            }
        }
        for (at, start) in passed.iter().enumerate() {
            assert!(passed[at..].iter().filter(|time| **time < start + HOUR_MS).count() <= REPORTS_PER_HOUR);
        }
        assert_eq!(passed.len(), 3 * REPORTS_PER_HOUR);
        let full: Vec<i64> = (0..20).collect();
        assert_eq!(admit(&full, 1000), Err(Duration::from_millis(3_599_000)));
        assert_eq!(admit(&full, HOUR_MS).map(|times| times.len()), Ok(20));
        // An hour ahead, because the clock jumped back: they count from now on.
        let ahead = [10 * HOUR_MS; 20];
        assert_eq!(admit(&ahead, 5), Err(Duration::from_millis(3_600_000)));
    }

    #[test]
    fn staff_hear_of_ever_larger_numbers() {
        let (mut told, mut heard) = (0, Vec::new());
        for reports in 1..=1000 {
            let tally = Tally { reports, told, ..Tally::default() };
            if tally.due(None) == Due::Tell {
                heard.push(reports);
                told = reports;
            }
        }
        assert_eq!(heard, [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000]);
        // Seven came at once.
        assert_eq!(next_told(7), 10);
    }

    #[test]
    fn enough_reports_hide_what_staff_have_not_judged() {
        let tally = |reports| Tally { reports, told: reports, ..Tally::default() };
        for (tally, hide_at, due) in [
            (Tally::default(), Some(2), Due::Nothing),
            (tally(4), None, Due::Nothing),
            (tally(4), Some(5), Due::Nothing),
            (tally(5), Some(5), Due::Hide),
            (tally(6), Some(5), Due::Hide),
            (Tally { by_staff: true, ..tally(6) }, Some(5), Due::Nothing),
            (Tally { by_staff: true, told: 3, ..tally(6) }, Some(5), Due::Tell),
            (Tally { hidden: true, ..tally(6) }, Some(5), Due::Nothing),
            (Tally { hidden: true, told: 5, ..tally(10) }, Some(5), Due::Tell),
            (Tally { dismissed: true, told: 0, ..tally(6) }, Some(5), Due::Nothing),
            (Tally { look_again_at: 7, ..tally(6) }, Some(5), Due::Nothing),
            (Tally { look_again_at: 7, ..tally(7) }, Some(5), Due::Hide),
        ] {
            assert_eq!(tally.due(hide_at), due, "{tally:?} {hide_at:?}");
        }
    }

    #[test]
    fn reasons_come_most_frequent_first() {
        let reasons = Reasons::from([(Reason::Spam, 1), (Reason::Hate, 3), (Reason::Other, 3)]);
        assert_eq!(by_frequency(&reasons), ["hate", "other", "spam"]);
    }
}
