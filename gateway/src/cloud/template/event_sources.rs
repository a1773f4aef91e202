//! Tables, and the event sources besides requests: streams and schedules.

use std::time::Duration;

use serde_norway::Value;

use super::error::TemplateError;
use super::resolve::referred;
use super::resources::Resources;
use super::spec::{EventSourceMappingSpec, ScheduleSpec, TableSpec};

/// Lambda's defaults for the event source mapping of a stream.
const DEFAULT_BATCH_SIZE: u64 = 100;
const DEFAULT_RECORD_AGE: Duration = Duration::from_secs(24 * 3600);

impl Resources<'_> {
    pub(super) fn tables(&self) -> Result<Vec<TableSpec>, TemplateError> {
        let tables = self.of_kind("AWS::DynamoDB::Table").map(|table| {
            let key = |kind: &str| {
                let schema = table.property("KeySchema").and_then(Value::as_sequence);
                let key = schema.into_iter().flatten().find(|key| key["KeyType"] == kind);
                table.needed("KeySchema", key.and_then(|key| key["AttributeName"].as_str()).map(str::to_owned))
            };
            let of = |path: &str| table.property(path).and_then(Value::as_str).map(str::to_owned);
            Ok(TableSpec {
                logical_id: table.id.to_owned(),
                name: self.names[table.id].clone(),
                keys: (key("HASH")?, key("RANGE")?),
                stream: of("StreamSpecification.StreamViewType"),
                ttl: of("TimeToLiveSpecification.AttributeName"),
            })
        });
        tables.collect()
    }

    pub(super) fn event_source_mappings(&self) -> Result<Vec<EventSourceMappingSpec>, TemplateError> {
        let mappings = self.events("DynamoDB")?;
        let mappings = mappings.into_iter().map(|(resource, function, event)| {
            let number = |property: &str| match event.get(property) {
                Some(value) => resource.needed(property, value.as_u64()).map(Some),
                None => Ok(None),
            };
            let mut filters = Vec::new();
            for filter in event["FilterCriteria"]["Filters"].as_sequence().into_iter().flatten() {
                let pattern = filter["Pattern"].as_str().and_then(|pattern| serde_json::from_str(pattern).ok());
                filters.push(resource.needed("FilterCriteria of its stream", pattern)?);
            }
            Ok(EventSourceMappingSpec {
                table: resource.needed("Stream", referred(&event["Stream"]))?.to_owned(),
                function,
                batch_size: number("BatchSize")?.unwrap_or(DEFAULT_BATCH_SIZE) as usize,
                maximum_record_age: number("MaximumRecordAgeInSeconds")?
                    .map_or(DEFAULT_RECORD_AGE, Duration::from_secs),
                maximum_retry_attempts: number("MaximumRetryAttempts")?.map(|attempts| attempts as u32),
                bisect_on_error: event["BisectBatchOnFunctionError"].as_bool().unwrap_or(false),
                reports_item_failures: event["FunctionResponseTypes"]
                    .as_sequence()
                    .is_some_and(|kinds| kinds.contains(&Value::from("ReportBatchItemFailures"))),
                filters,
            })
        });
        mappings.collect()
    }

    pub(super) fn schedules(&self) -> Result<Vec<ScheduleSpec>, TemplateError> {
        let schedules = self.events("Schedule")?;
        let schedules = schedules.into_iter().map(|(resource, function, event)| {
            let every = event["Schedule"].as_str().and_then(rate);
            Ok(ScheduleSpec { function, every: resource.needed("Schedule", every)? })
        });
        schedules.collect()
    }
}

/// `rate(5 minutes)`
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        "day" => 24 * 3600,
        _ => return None,
    };
    let number = number.parse::<u64>().ok().filter(|number| *number > 0)?;
    number.checked_mul(seconds).map(Duration::from_secs)
}
