//! What of the template exists with the settings of a local run.

use std::collections::BTreeMap;

use super::spec::Template;

impl Template {
    /// The template without the mappings and schedules of functions whose condition does not hold with these environment variables, and
    /// without the streams that nothing reads then.
    #[must_use]
    pub fn with_settings(mut self, variables: &BTreeMap<String, String>) -> Template {
        let functions = &self.functions;
        let exists = |name: &str| {
            let condition = functions.get(name).and_then(|function| function.condition.as_ref());
            condition.is_none_or(|condition| condition.holds(variables))
        };
        self.event_source_mappings.retain(|mapping| exists(&mapping.function));
        self.schedules.retain(|schedule| exists(&schedule.function));
        for table in &mut self.tables {
            if !self.event_source_mappings.iter().any(|mapping| mapping.table == table.logical_id) {
                table.stream = None;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_sent_only_if_a_receiver_is_named() {
        let with = |name: &str| {
            let variables = BTreeMap::from([(name.to_owned(), "a receiver".to_owned())]);
            let template = Template::embedded().unwrap().with_settings(&variables);
            let reads = |function: &str| {
                template.event_source_mappings.iter().filter(|mapping| mapping.function == function).count()
            };
            let streams = template.tables.iter().map(|table| table.stream.is_some()).collect::<Vec<_>>();
            (reads("broadcast"), reads("outward"), template.schedules.len(), streams)
        };
        assert_eq!(with("LIVE_CHAT_EVENT_TEXTS"), (1, 0, 1, vec![true, false, false]));
        for name in ["LIVE_CHAT_WEBHOOK_URL", "LIVE_CHAT_EVENT_BUS"] {
            assert_eq!(with(name), (1, 2, 2, vec![true, false, true]), "{name}");
        }
    }
}
