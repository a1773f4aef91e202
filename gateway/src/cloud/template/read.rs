//! Reads `template.yaml` (SAM). An error names the resource and the property.

use serde_norway::Value;

use super::error::TemplateError;
use super::resources::Resources;
use super::spec::Template;

impl Template {
    /// The template that this program was built with.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn embedded() -> Result<Template, TemplateError> {
        Template::parse(include_str!("../../../../template.yaml"))
    }

    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn parse(yaml: &str) -> Result<Template, TemplateError> {
        let document: Value = serde_norway::from_str(yaml).map_err(|error| TemplateError::Yaml(error.to_string()))?;
        let resources = Resources::of(&document)?;
        Ok(Template {
            functions: resources.functions()?,
            http_routes: resources.http_routes()?,
            cors: resources.cors()?,
            websocket: resources.websocket()?,
            tables: resources.tables()?,
            event_source_mappings: resources.event_source_mappings()?,
            schedules: resources.schedules()?,
            error_caching: resources.error_caching()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::spec::ScheduleSpec;
    use super::*;

    const YAML: &str = include_str!("../../../../template.yaml");

    fn error(from: &str, to: &str) -> String {
        assert!(YAML.contains(from), "{from}");
        Template::parse(&YAML.replace(from, to)).unwrap_err().to_string()
    }

    #[test]
    fn the_template_names_every_function_and_every_table() {
        let template = Template::embedded().unwrap();
        let mut names: Vec<_> = functions::local::NAMES.into();
        names.sort_unstable();
        assert_eq!(template.functions.keys().map(String::as_str).collect::<Vec<_>>(), names);
        let tables: Vec<_> =
            template.tables.iter().map(|table| (table.name.as_str(), table.stream.is_some())).collect();
        assert_eq!(tables, [("live-chat-chat", true), ("live-chat-connections", false), ("live-chat-audit", true)]);
        let environment = &template.functions["broadcast"].environment;
        assert_eq!(
            (environment["CHAT_TABLE"].as_str(), environment["FAN_OUT_FUNCTION"].as_str()),
            ("live-chat-chat", "fan-out")
        );
        assert_eq!(
            (environment["LIVE_CHAT_SCHEDULE"].as_str(), environment["DRAW_TIME_HOUR"].as_str()),
            ("daily", "20")
        );
        assert!(!environment.contains_key("WEBSOCKET_ENDPOINT"), "it needs the cloud");
        assert_eq!((template.event_source_mappings.len(), template.event_source_mappings[0].filters.len()), (3, 3));
        assert_eq!(
            template.schedules,
            ["housekeep", "outward"]
                .map(|function| ScheduleSpec { function: function.to_owned(), every: Duration::from_secs(60) })
        );
        let websocket = &template.websocket;
        assert_eq!(
            (websocket.routes["$default"].as_str(), websocket.route_responses.contains("$default")),
            ("ws-message", true)
        );
    }

    #[test]
    fn a_changed_route_changes_the_gateway() {
        let template = Template::parse(&YAML.replace("Path: /live-chat/status", "Path: /live-chat/state")).unwrap();
        let paths: Vec<_> =
            template.http_routes.iter().filter(|route| route.function == "status").map(|route| &route.path).collect();
        assert_eq!(paths, ["/live-chat/state"]);
    }

    #[test]
    fn the_http_apis_cors_is_read_whatever_the_origins() {
        let cors = Template::embedded().unwrap().cors;
        assert_eq!(cors.headers, ["authorization", "content-type", "if-match"]);
        assert!(cors.methods.contains(&"DELETE".to_owned()) && cors.exposed.contains(&"retry-after".to_owned()));
        assert_eq!(cors.max_age, Some(600));
        let written = "allowHeaders: [authorization";
        assert_eq!(error(written, "allowHeaders: [{}"), "HttpApi has no usable x-amazon-apigateway-cors.allowHeaders");
    }

    #[test]
    fn a_mapping_hears_of_single_failures_only_if_it_asks_to() {
        let reports = |yaml: &str| Template::parse(yaml).unwrap().event_source_mappings[0].reports_item_failures;
        let batch = "            BatchSize: 2000\n";
        let asks = format!("{batch}            FunctionResponseTypes: [ReportBatchItemFailures]\n");
        assert!(!reports(YAML) && YAML.contains(batch));
        assert!(reports(&YAML.replace(batch, &asks)));
    }

    #[test]
    fn a_function_may_have_executions_for_itself() {
        let reserved = |yaml: &str| Template::parse(yaml).unwrap().functions["broadcast"].reserved_executions;
        let default = "BroadcastConcurrency: { Type: Number, Default: 0";
        assert!(YAML.contains(default) && reserved(YAML).is_none());
        assert_eq!(reserved(&YAML.replace(default, "BroadcastConcurrency: { Type: Number, Default: 7")), Some(7));
        let written = "!If [HasBroadcastConcurrency, !Ref BroadcastConcurrency, !Ref AWS::NoValue]";
        assert_eq!(reserved(&YAML.replace(written, "3")), Some(3));
        assert_eq!(error(written, "many"), "BroadcastFunction has no usable ReservedConcurrentExecutions");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for schedule in ["often", "rate(0 minutes)", "rate(999999999999999999 days)"] {
            let schedule = format!("Schedule: {schedule}");
            assert_eq!(error("Schedule: rate(1 minute)", &schedule), "HousekeepFunction has no usable Schedule");
        }
        assert_eq!(
            error("{ Binary: fan-out }", "{ Other: fan-out }"),
            "FanOutFunction has no usable Metadata.BuildProperties.Binary"
        );
        assert_eq!(
            error("RouteSelectionExpression: $request.body.type", "Other: x"),
            "SocketApi has no usable RouteSelectionExpression"
        );
        assert!(error("BatchSize: 2000", "BatchSize: many").contains("BroadcastFunction has no usable BatchSize"));
        assert!(Template::parse("a: [").unwrap_err().to_string().contains("YAML"));
    }
}
