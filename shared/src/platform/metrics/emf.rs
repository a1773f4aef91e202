//! Metrics as log lines in CloudWatch's embedded metric format (EMF): printing them is enough, no call is needed.
//!
//! CloudWatch bills each name with each set of dimensions, so there are few names and one dimension: the stack.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "LiveChat";
/// The one dimension.
pub const DIMENSION: &str = "Stack";
/// Values of a metric that the format allows in one line.
pub const MAX_VALUES: usize = 100;

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Messages that were flushed to a room.
    Messages,
    /// Frames that sockets accepted.
    Deliveries,
    /// Posts that found no socket (410).
    PostsGone,
    /// Posts that failed for the moment (429, 5xx, no response).
    PostsBusy,
    /// Posts that would always fail (400, 413).
    PostsRefused,
    /// Dead sockets that were removed from their rooms.
    DeadSockets,
    /// The time from the storage of a message to the last post of its flush.
    RowToSocketDelay,
    /// Viewers of the open session, each minute.
    Viewers,
    /// Changes of likes that one flush coalesced.
    LikeBurst,
    /// The posts a second to which the refusals of `@connections` have lowered the rate, at each flush meanwhile.
    LoweredPostingRate,
    /// Acts of moderation, by staff or by a rule.
    ModerationActs,
    /// Messages that were held.
    MessagesHeld,
    /// Messages that the rule `staff_only` refused.
    RefusedStaffOnly,
    /// Messages that the rule `members_only` refused.
    RefusedMembersOnly,
    /// Messages that the rule `account_too_new` refused.
    RefusedAccountTooNew,
    /// Messages that the rule `slow_mode` refused.
    RefusedSlowMode,
    /// Messages that the rule `emoji_only` refused.
    RefusedEmojiOnly,
    /// Messages that the rule `repeated_message` refused.
    RefusedRepeatedMessage,
    /// Messages that the rule `link_blocked` refused.
    RefusedLinkBlocked,
    /// Messages that the rule `term_blocked` refused.
    RefusedTermBlocked,
    /// Reports of messages by viewers.
    Reports,
    /// The time that the review handler took to answer, or not to.
    ReviewLatency,
    /// Messages on which the review handler said nothing: it failed, or was not asked because it had failed before.
    ReviewFailures,
    /// Messages that the review handler allowed, perhaps changed.
    ReviewsAllowed,
    /// Messages that the review handler denied.
    ReviewsDenied,
    /// Messages that the review handler held.
    ReviewsHeld,
    /// Messages that the review handler shadowed.
    ReviewsShadowed,
    /// Events that a receiver took.
    EventsTaken,
    /// Tries of events that a receiver did not take.
    EventsNotTaken,
    /// Events that were given up, because a receiver did not take them for a day.
    EventsDead,
}

impl Metric {
    /// All metrics.
    pub const ALL: [Metric; 30] = [
        Metric::Messages,
        Metric::Deliveries,
        Metric::PostsGone,
        Metric::PostsBusy,
        Metric::PostsRefused,
        Metric::DeadSockets,
        Metric::RowToSocketDelay,
        Metric::Viewers,
        Metric::LikeBurst,
        Metric::LoweredPostingRate,
        Metric::ModerationActs,
        Metric::MessagesHeld,
        Metric::RefusedStaffOnly,
        Metric::RefusedMembersOnly,
        Metric::RefusedAccountTooNew,
        Metric::RefusedSlowMode,
        Metric::RefusedEmojiOnly,
        Metric::RefusedRepeatedMessage,
        Metric::RefusedLinkBlocked,
        Metric::RefusedTermBlocked,
        Metric::Reports,
        Metric::ReviewLatency,
        Metric::ReviewFailures,
        Metric::ReviewsAllowed,
        Metric::ReviewsDenied,
        Metric::ReviewsHeld,
        Metric::ReviewsShadowed,
        Metric::EventsTaken,
        Metric::EventsNotTaken,
        Metric::EventsDead,
    ];

    /// The name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Messages => "Messages",
            Metric::Deliveries => "Deliveries",
            Metric::PostsGone => "PostsGone",
            Metric::PostsBusy => "PostsBusy",
            Metric::PostsRefused => "PostsRefused",
            Metric::DeadSockets => "DeadSockets",
            Metric::RowToSocketDelay => "RowToSocketDelay",
            Metric::Viewers => "Viewers",
            Metric::LikeBurst => "LikeBurst",
            Metric::LoweredPostingRate => "LoweredPostingRate",
            Metric::ModerationActs => "ModerationActs",
            Metric::MessagesHeld => "MessagesHeld",
            Metric::RefusedStaffOnly => "RefusedStaffOnly",
            Metric::RefusedMembersOnly => "RefusedMembersOnly",
            Metric::RefusedAccountTooNew => "RefusedAccountTooNew",
            Metric::RefusedSlowMode => "RefusedSlowMode",
            Metric::RefusedEmojiOnly => "RefusedEmojiOnly",
            Metric::RefusedRepeatedMessage => "RefusedRepeatedMessage",
            Metric::RefusedLinkBlocked => "RefusedLinkBlocked",
            Metric::RefusedTermBlocked => "RefusedTermBlocked",
            Metric::Reports => "Reports",
            Metric::ReviewLatency => "ReviewLatency",
            Metric::ReviewFailures => "ReviewFailures",
            Metric::ReviewsAllowed => "ReviewsAllowed",
            Metric::ReviewsDenied => "ReviewsDenied",
            Metric::ReviewsHeld => "ReviewsHeld",
            Metric::ReviewsShadowed => "ReviewsShadowed",
            Metric::EventsTaken => "EventsTaken",
            Metric::EventsNotTaken => "EventsNotTaken",
            Metric::EventsDead => "EventsDead",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Metric::RowToSocketDelay | Metric::ReviewLatency => "Milliseconds",
            _ => "Count",
        }
    }
}

/// Renders values as lines. Each metric has a list of values; that of a sum has one value.
pub fn lines(stack: &str, now_ms: i64, values: &BTreeMap<Metric, Vec<u64>>) -> Vec<String> {
    let longest = values.values().map(Vec::len).max().unwrap_or_default();
    (0..longest.div_ceil(MAX_VALUES)).map(|part| line(stack, now_ms, values, part)).collect()
}

fn line(stack: &str, now_ms: i64, values: &BTreeMap<Metric, Vec<u64>>, part: usize) -> String {
    let parts = values.iter().filter_map(|(metric, values)| Some((metric, values.chunks(MAX_VALUES).nth(part)?)));
    let (mut metrics, mut fields) = (Vec::new(), Map::new());
    for (metric, values) in parts {
        metrics.push(json!({"Name": metric.name(), "Unit": metric.unit()}));
        let value = if let [single] = values { json!(single) } else { json!(values) };
        fields.insert(metric.name().to_owned(), value);
    }
    fields.insert(DIMENSION.to_owned(), json!(stack));
    let directive = json!({"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics});
    fields.insert("_aws".to_owned(), json!({"Timestamp": now_ms, "CloudWatchMetrics": [directive]}));
    Value::Object(fields).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(values: &BTreeMap<Metric, Vec<u64>>) -> Vec<Value> {
        lines("prod", 1_700_000_000_123, values).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_the_members_that_the_specification_demands() {
        let values = BTreeMap::from([(Metric::Messages, vec![3]), (Metric::RowToSocketDelay, vec![12, 40])]);
        let expected = json!({
            "_aws": {
                "Timestamp": 1_700_000_000_123_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "LiveChat",
                    "Dimensions": [["Stack"]],
                    "Metrics": [{"Name": "Messages", "Unit": "Count"}, {"Name": "RowToSocketDelay", "Unit": "Milliseconds"}],
                }],
            },
            "Stack": "prod",
            "Messages": 3,
            "RowToSocketDelay": [12, 40],
        });
        assert_eq!(parsed(&values), [expected]);
    }

    #[test]
    fn no_list_is_longer_than_allowed_and_no_value_is_said_twice() {
        let values = BTreeMap::from([(Metric::Messages, vec![250]), (Metric::RowToSocketDelay, (0..250).collect())]);
        let lines = parsed(&values);
        let delays: Vec<u64> = lines
            .iter()
            .flat_map(|line| line["RowToSocketDelay"].as_array().unwrap())
            .map(|value| value.as_u64().unwrap())
            .collect();
        assert_eq!((lines.len(), delays), (3, (0..250).collect()));
        for line in &lines {
            assert!(line["RowToSocketDelay"].as_array().unwrap().len() <= 100);
        }
        assert_eq!(lines.iter().filter(|line| line.get("Messages").is_some()).count(), 1);
    }

    #[test]
    fn every_metric_that_a_line_announces_is_in_it_under_the_same_name() {
        let values: BTreeMap<_, _> = Metric::ALL.into_iter().map(|metric| (metric, vec![1])).collect();
        let [line] = parsed(&values).try_into().unwrap();
        let announced = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert_eq!(announced.len(), Metric::ALL.len());
        for metric in announced {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_number() && (1..=1024).contains(&name.len()), "{name}");
            assert!(["Count", "Milliseconds"].contains(&metric["Unit"].as_str().unwrap()), "{metric}");
        }
    }

    #[test]
    fn nothing_measured_is_no_line() {
        assert_eq!(lines("prod", 0, &BTreeMap::new()), Vec::<String>::new());
    }
}
