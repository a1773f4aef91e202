//! The cloud behind the APIs, as `template.yaml` describes it: Lambda, DynamoDB, the stream between them, and the schedule.

pub mod database;
pub mod engine;
pub mod event_source_mapping;
pub mod schedule;
pub mod template;
