//! The template from AWS's point of view: how much of each quota is left, and what a deployed stack must never lose.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::template::{of_type, template};

/// A resource's type, and what becomes of it when the stack is deleted or drops it, and when it is replaced.
const STAYING: [(&str, &str, [&str; 2]); 8] = [
    ("ChatTable", "AWS::DynamoDB::Table", ["RetainExceptOnCreate", "Retain"]),
    ("ConnectionsTable", "AWS::DynamoDB::Table", ["RetainExceptOnCreate", "Retain"]),
    ("HttpApi", "AWS::Serverless::HttpApi", ["", ""]),
    ("SocketApi", "AWS::Serverless::WebSocketApi", ["", ""]),
    ("Distribution", "AWS::CloudFront::Distribution", ["", ""]),
    ("PageBucket", "AWS::S3::Bucket", ["Delete", "Delete"]),
    ("AlarmTopic", "AWS::SNS::Topic", ["", ""]),
    ("BroadcastDeadLetters", "AWS::SQS::Queue", ["", ""]),
];

/// CloudFormation identifies a resource by its logical id: a new id means a new, empty table, or a new URL of the chat.
#[test]
fn a_deployed_stack_keeps_its_tables_addresses_and_subscribers() {
    let template = template();
    for (id, kind, policies) in STAYING {
        let resource = &template["Resources"][id];
        assert_eq!(resource["Type"], kind, "{id}");
        let found = ["DeletionPolicy", "UpdateReplacePolicy"];
        let found = found.map(|property| resource[property].as_str().unwrap_or_default());
        assert_eq!(found, policies, "policies of {id}");
        assert!(resource.get("Condition").is_none(), "{id} is always there");
    }
    // A table with changed keys would be replaced, and so would a resource with an explicit name.
    let keys = json!([{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]);
    for id in ["ChatTable", "ConnectionsTable"] {
        assert_eq!(template["Resources"][id]["Properties"]["KeySchema"], keys, "{id}");
    }
    for (id, _, _) in STAYING {
        let names = ["TableName", "BucketName", "TopicName", "QueueName"];
        let properties = template["Resources"][id]["Properties"].as_object();
        let named = properties.is_some_and(|properties| names.iter().any(|name| properties.contains_key(*name)));
        assert!(!named, "{id} has the name that CloudFormation gave it");
    }
}

/// A function whose logical id changes is created anew, so the id is derived from the binary.
#[test]
fn functions_have_the_names_of_their_binaries() {
    for (id, function) in of_type(&template(), "AWS::Serverless::Function") {
        let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().expect("a binary");
        let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
        assert_eq!(id, binary.split('-').map(capital).collect::<String>() + "Function");
    }
}

/// The metrics of an alarm: its only one, or all that it combines.
fn metrics(alarm: &Value) -> impl Iterator<Item = &Value> {
    let properties = &alarm["Properties"];
    let combined = properties["Metrics"].as_array().into_iter().flatten();
    let only = properties.get("MetricName").map(|_| properties);
    only.into_iter().chain(combined.filter_map(|metric| metric["MetricStat"].get("Metric")))
}

/// The alarms that roll a deployment back, unless it is one while they are red.
fn taking_back(template: &Value) -> &Vec<Value> {
    let alarms = &template["Globals"]["Function"]["DeploymentPreference"]["Alarms"]["!If"];
    assert_eq!((&alarms[0], &alarms[1]), (&json!("DeploysWhileRed"), &json!([])));
    alarms[2].as_array().expect("alarms")
}

#[test]
fn no_quota_is_exceeded() {
    let template = template();
    let text = include_str!("../../../template.yaml");
    let mut uses: Vec<(String, usize, usize)> = of_type(&template, "AWS::CloudWatch::Alarm")
        .map(|(id, alarm)| (format!("metrics of {id}"), metrics(alarm).count(), 10))
        .collect();
    let stream = &template["Resources"]["BroadcastFunction"]["Properties"]["Events"]["Stream"]["Properties"];
    let filters = stream["FilterCriteria"]["Filters"].as_array().expect("filters");
    uses.push(("filters of the stream's mapping".to_owned(), filters.len(), 5));
    uses.push(("alarms that take a deployment back".to_owned(), taking_back(&template).len(), 10));
    for (section, most) in [("Parameters", 200), ("Outputs", 200)] {
        uses.push((section.to_lowercase(), template[section].as_object().expect(section).len(), most));
    }
    uses.push(("bytes of the template".to_owned(), text.len(), 1_000_000));
    for (what, used, most) in &uses {
        println!("{what}: {used} of {most}, {} free", most.saturating_sub(*used));
    }
    for (what, used, most) in uses {
        assert!(used <= most, "{what}: {used} of {most}");
    }
}

/// The alarms that go off when a metric of Lambda is high, each with its functions' logical ids.
fn alarms_over<'a>(template: &'a Value, name: &str) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let rising = |alarm: &Value| alarm["Properties"]["ComparisonOperator"] == "GreaterThanOrEqualToThreshold";
    for (id, alarm) in of_type(template, "AWS::CloudWatch::Alarm").filter(|(_, alarm)| rising(alarm)) {
        for metric in metrics(alarm) {
            if metric["Namespace"] == "AWS/Lambda" && metric["MetricName"] == name {
                let function = metric["Dimensions"][0]["Value"]["!Ref"].as_str().expect("a function");
                // By alias, because a deployment compares the old and new versions behind it; only broadcast invokes without one.
                let alias = &metric["Dimensions"][1]["Value"]["!Sub"];
                let called = alias.as_str().map(str::to_owned);
                let is_called_by_name = ["FanOutFunction", "FlushLaterFunction"].contains(&function);
                let expected = (!is_called_by_name).then(|| format!("${{{function}}}:live"));
                assert_eq!(called, expected, "{function} in {id}");
                assert!(found.entry(id).or_default().insert(function), "{function} is twice in {id}");
            }
        }
    }
    found
}

#[test]
fn every_function_is_in_one_alarm_of_errors_and_one_of_throttles() {
    let template = template();
    // A function that is not in every deployment has alarms of its own.
    let is_always_there = |function: &Value| function.get("Condition").is_none();
    let functions = of_type(&template, "AWS::Serverless::Function").filter(|(_, function)| is_always_there(function));
    let functions: BTreeSet<&str> = functions.map(|(id, _)| id).collect();
    let over = |name: &'static str| {
        let mut alarms = alarms_over(&template, name);
        alarms.retain(|id, _| template["Resources"][id].get("Condition").is_none());
        alarms
    };
    let errors = over("Errors");
    for alarms in [&errors, &over("Throttles")] {
        let mut listed: Vec<&str> = alarms.values().flatten().copied().collect();
        listed.sort_unstable();
        assert_eq!(listed, functions.iter().copied().collect::<Vec<_>>(), "each once, and none is left out");
    }
    // Each of them rolls a deployment back, and each is on the dashboard.
    let taking_back: BTreeSet<&str> =
        taking_back(&template).iter().filter_map(|alarm| alarm["!Ref"].as_str()).collect();
    assert_eq!(taking_back, errors.into_keys().collect());
    let dashboard = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["!Sub"].as_str().expect("a body");
    for (id, alarm) in of_type(&template, "AWS::CloudWatch::Alarm") {
        // The dashboard cannot name a resource that is not always there.
        let always = usize::from(alarm.get("Condition").is_none());
        assert_eq!(dashboard.matches(&format!("\"${{{id}.Arn}}\"")).count(), always, "{id}");
        assert_eq!(alarm["Properties"]["AlarmActions"], json!([{"!Ref": "AlarmTopic"}]), "{id}");
    }
}

/// docs/decisions/005-alarms-of-rest.md
#[test]
fn three_errors_of_rest_always_ring() {
    let template = template();
    let resources = &template["Resources"];
    let rest = |id: &str| {
        let events = resources[id]["Properties"]["Events"].as_object().into_iter().flat_map(|events| events.values());
        let mut methods = events.filter(|event| event["Type"] == "HttpApi").map(|event| &event["Properties"]["Method"]);
        // One that writes by any of its routes writes.
        methods.next().map(|first| first == "GET" && methods.all(|method| method == "GET"))
    };
    let mut missed = 0;
    for (id, functions) in alarms_over(&template, "Errors") {
        let kinds: BTreeSet<Option<bool>> = functions.iter().map(|function| rest(function)).collect();
        assert_eq!(kinds.len(), 1, "{id} has functions that read, functions that write, or others: {functions:?}");
        if !kinds.contains(&None) {
            missed += resources[id]["Properties"]["Threshold"].as_u64().expect("a threshold") - 1;
        }
    }
    assert!(missed < 3, "{missed} errors may be spread over the alarms of REST, and none rings");
}

/// A separate pattern for each value of a key: AWS treats patterns, and the values of a field, as alternatives.
fn alternatives(pattern: &Value) -> Vec<Value> {
    let keys = pattern["dynamodb"]["Keys"].as_object().expect("keys");
    let [(key, values)] = keys.iter().collect::<Vec<_>>()[..] else { panic!("two keys must both match: {pattern}") };
    let values = values["S"].as_array().expect("values");
    let alone = values.iter().map(|value| {
        let mut pattern = pattern.clone();
        pattern["dynamodb"]["Keys"][key]["S"] = json!([value]);
        pattern
    });
    alone.collect()
}

#[test]
fn the_stream_brings_these_changes_and_no_others() {
    let mapping = &gateway::template::Template::embedded().unwrap().event_source_mappings[0];
    let found: Vec<Value> = mapping.filters.iter().flat_map(alternatives).collect();
    let stored = |key: &str, value: Value| json!({"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {key: {"S": [value]}}}});
    let expected = [
        stored("pk", json!({"prefix": "messages#"})),
        stored("pk", json!({"prefix": "reactions#"})),
        stored("pk", json!({"prefix": "bell#"})),
        // Rows of likes by users are `like#…/like`: they do not wake the broadcast, but their shards do.
        stored("sk", json!({"prefix": "likes#"})),
        stored("sk", json!("viewers")),
        stored("sk", json!({"prefix": "state#"})),
        json!({"eventName": ["MODIFY"], "dynamodb": {"Keys": {"sk": {"S": ["session"]}}, "NewImage": {"ended": {"BOOL": [true]}}}}),
    ];
    assert_eq!(found, expected);
}
