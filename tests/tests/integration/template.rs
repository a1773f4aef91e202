//! Values that must match in several places of the template, the code and the edge.

use std::collections::BTreeSet;

use serde_json::Value;
use shared::platform::metrics::emf::{DIMENSION, Metric, NAMESPACE};
use tests::template::{statements, template, texts};

/// Where a bare `*` is required, and why.
const STARS: [(&str, &str); 6] = [
    ("xray:PutTraceSegments", "X-Ray has no resources"),
    ("xray:PutTelemetryRecords", "X-Ray has no resources"),
    ("xray:GetSamplingRules", "X-Ray has no resources"),
    ("xray:GetSamplingTargets", "X-Ray has no resources"),
    ("xray:GetSamplingStatisticSummaries", "X-Ray has no resources"),
    ("dynamodb:ListStreams", "it lists streams before any is known"),
];

#[test]
fn no_policy_allows_everything_without_a_reason() {
    let template = template();
    let mut found = Vec::new();
    statements(&template, &mut found);
    assert!(found.len() >= 15, "the statements were found: {}", found.len());
    for statement in found.into_iter().filter(|statement| statement["Effect"] == "Allow") {
        assert!(statement.get("NotAction").is_none() && statement.get("NotResource").is_none(), "{statement}");
        let actions = texts(&statement["Action"]);
        assert!(!actions.is_empty() && actions.iter().all(|action| !action.contains('*')), "{statement}");
        if texts(&statement["Resource"]).contains(&"*") {
            for action in actions {
                assert!(STARS.iter().any(|(allowed, _)| *allowed == action), "{action} on everything: {statement}");
            }
        }
    }
}

#[test]
fn only_those_who_talk_to_sockets_may_manage_connections() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap().iter();
    let functions = resources.filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    let allowed = functions.filter(|(_, resource)| {
        let mut found = Vec::new();
        statements(resource, &mut found);
        found
            .iter()
            .any(|statement| texts(&statement["Action"]).iter().any(|action| action.contains("ManageConnections")))
    });
    let allowed: BTreeSet<&str> = allowed.map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        allowed,
        BTreeSet::from(["BroadcastFunction", "FanOutFunction", "FlushLaterFunction", "HousekeepFunction"])
    );
}

/// Settings that the template does not pass: secrets stay in Secrets Manager.
const NOT_IN_THE_CLOUD: [&str; 3] = ["JWT_SECRET", "LIVE_CHAT_SERVICE_SECRET", "LIVE_CHAT_WEBHOOK_SECRET"];

#[test]
fn every_documented_setting_reaches_the_functions() {
    let template = template();
    let passed = template["Globals"]["Function"]["Environment"]["Variables"].as_object().expect("variables");
    let contract = include_str!("../../../docs/contract.md");
    let settings =
        contract.split("\n## Settings").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the section");
    let rows = settings.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let named: BTreeSet<&str> = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(named.len() >= 30, "the settings were found: {named:?}");
    let missing: Vec<_> =
        named.into_iter().filter(|name| !passed.contains_key(*name) && !NOT_IN_THE_CLOUD.contains(name)).collect();
    assert!(missing.is_empty(), "template.yaml does not pass {missing:?}");
}

#[test]
fn the_edge_functions_of_the_template_are_the_ones_that_are_tested() {
    let template = template();
    let code = |name: &str| &template["Resources"][name]["Properties"]["FunctionCode"];
    for (found, tested) in [
        (&code("SocketRewrite")["!Sub"], include_str!("../../../edge/rewrite.js")),
        (code("FolderRewrite"), include_str!("../../../edge/folders.js")),
    ] {
        assert_eq!(found.as_str().map(str::trim), Some(tested.trim()));
    }
}

/// The chat's own metrics in a part of the template: namespace, name, dimension and its value in sequence.
fn own_metrics(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match value {
        Value::Array(parts) => {
            if let [namespace, name, dimension, stack, ..] = parts.as_slice()
                && namespace == NAMESPACE
            {
                assert_eq!((dimension.as_str(), stack.as_str()), (Some(DIMENSION), Some("AWS::StackName")), "{value}");
                found.insert(name.as_str().expect("a name").to_owned());
            }
            parts.iter().for_each(|part| found.extend(own_metrics(part)));
        }
        Value::Object(fields) => fields.values().for_each(|part| found.extend(own_metrics(part))),
        _ => {}
    }
    found
}

#[test]
fn every_metric_that_is_printed_is_on_the_dashboard_and_no_other() {
    let template = template();
    let body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["!Sub"].as_str().expect("a body");
    // Placeholders are replaced by their own names.
    let parts =
        body.split("${").enumerate().map(|(i, part)| if i == 0 { part.to_owned() } else { part.replacen('}', "", 1) });
    let body: Value = serde_json::from_str(&parts.collect::<String>()).expect("the dashboard is JSON");
    let printed: BTreeSet<String> = Metric::ALL.iter().map(|metric| metric.name().to_owned()).collect();
    assert_eq!(own_metrics(&body), printed);
    let resources = template["Resources"].as_object().expect("resources").values();
    let alarms: Vec<&str> = resources
        .filter(|resource| resource["Properties"]["Namespace"] == NAMESPACE)
        .map(|alarm| alarm["Properties"]["MetricName"].as_str().expect("a name"))
        .collect();
    assert!(!alarms.is_empty() && alarms.iter().all(|name| printed.contains(*name)), "{alarms:?}");
}
