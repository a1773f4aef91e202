//! Reads `template.yaml` (SAM). What cannot be read is an error that names the resource and the property.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_norway::{Mapping, Value};

use super::resolve::{Names, argument, referred, text};
use super::{
    AuthorizerSpec, FunctionSpec, HttpRoute, IdentitySource, MappingSpec, ScheduleSpec, TableSpec, Template,
    WebSocketSpec,
};

/// What is wrong with the template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is no YAML.
    #[error("it is no YAML: {0}")]
    Yaml(String),
    /// A resource lacks a property, or has one that cannot be read.
    #[error("{resource} has no usable {property}")]
    Property {
        /// Logical id of the resource.
        resource: String,
        /// Path of the property.
        property: String,
    },
    /// Something is needed once.
    #[error("it needs exactly one {0}")]
    NotOne(&'static str),
}

/// Lambda's default, where a function sets none.
const USUAL_TIMEOUT: Duration = Duration::from_secs(3);
/// Lambda's defaults for a stream's mapping.
const USUAL_BATCH: u64 = 100;
const USUAL_RECORD_AGE: Duration = Duration::from_secs(24 * 3600);

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
        let resources = resources(&document)?;
        let names = names(&document, &resources);
        let reader = Reader { globals: &document["Globals"]["Function"], resources, names };
        Ok(Template {
            functions: reader.functions()?,
            http_routes: reader.http_routes()?,
            websocket: reader.websocket()?,
            tables: reader.tables()?,
            mappings: reader.mappings()?,
            schedules: reader.schedules()?,
        })
    }
}

/// One resource.
struct Resource<'a> {
    id: &'a str,
    kind: &'a str,
    body: &'a Value,
}

impl<'a> Resource<'a> {
    fn property(&self, path: &str) -> Option<&'a Value> {
        path.split('.').try_fold(&self.body["Properties"], |value, name| value.get(name))
    }

    fn needed<T>(&self, property: &str, value: Option<T>) -> Result<T, TemplateError> {
        value.ok_or_else(|| TemplateError::Property { resource: self.id.to_owned(), property: property.to_owned() })
    }
}

struct Reader<'a> {
    globals: &'a Value,
    resources: Vec<Resource<'a>>,
    names: Names,
}

impl<'a> Reader<'a> {
    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Resource<'a>> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// Every function's events of a kind, with the function's short name.
    fn events(&self, kind: &str) -> Result<Vec<(&Resource<'a>, String, &'a Value)>, TemplateError> {
        let mut found = Vec::new();
        for function in self.of_kind("AWS::Serverless::Function") {
            let events = function.property("Events").and_then(Value::as_mapping);
            for event in events.into_iter().flat_map(Mapping::values).filter(|event| event["Type"] == kind) {
                found.push((function, short_name(function)?, &event["Properties"]));
            }
        }
        Ok(found)
    }

    fn functions(&self) -> Result<BTreeMap<String, FunctionSpec>, TemplateError> {
        let mut functions = BTreeMap::new();
        for function in self.of_kind("AWS::Serverless::Function") {
            let timeout = function.property("Timeout").or_else(|| self.globals.get("Timeout"));
            let timeout = match timeout {
                Some(seconds) => function.needed("Timeout", seconds.as_u64()).map(Duration::from_secs)?,
                None => USUAL_TIMEOUT,
            };
            let mut environment = self.environment(self.globals.get("Environment"));
            environment.extend(self.environment(function.property("Environment")));
            functions.insert(short_name(function)?, FunctionSpec { timeout, environment });
        }
        Ok(functions)
    }

    fn environment(&self, environment: Option<&Value>) -> BTreeMap<String, String> {
        let variables = environment.and_then(|environment| environment.get("Variables")).and_then(Value::as_mapping);
        let pairs = variables.into_iter().flatten();
        pairs.filter_map(|(name, value)| Some((name.as_str()?.to_owned(), text(value, &self.names)?))).collect()
    }

    fn http_routes(&self) -> Result<Vec<HttpRoute>, TemplateError> {
        let routes = self.events("HttpApi")?;
        let routes = routes.into_iter().map(|(resource, function, event)| {
            let method = resource.needed("Method of its HttpApi event", text(&event["Method"], &self.names))?;
            let path = resource.needed("Path of its HttpApi event", text(&event["Path"], &self.names))?;
            Ok(HttpRoute { method: method.to_uppercase(), path, function })
        });
        routes.collect()
    }

    fn websocket(&self) -> Result<WebSocketSpec, TemplateError> {
        let mut apis = self.of_kind("AWS::Serverless::WebSocketApi");
        let (Some(api), None) = (apis.next(), apis.next()) else {
            return Err(TemplateError::NotOne("AWS::Serverless::WebSocketApi"));
        };
        let value =
            |property: &str| api.needed(property, api.property(property).and_then(|value| text(value, &self.names)));
        let mut routes = BTreeMap::new();
        let written = api.needed("Routes", api.property("Routes").and_then(Value::as_mapping))?;
        for (key, route) in written {
            let key = api.needed("Routes", key.as_str())?;
            let property = format!("Routes.{key}.FunctionArn");
            let function = api.needed(&property, referred(&route["FunctionArn"]))?;
            let function = self.of_kind("AWS::Serverless::Function").find(|resource| resource.id == function);
            routes.insert(key.to_owned(), short_name(api.needed(&property, function)?)?);
        }
        // SAM names the route of `$default` `<Api>DefaultRoute`, and that of a key `Key` `<Api>KeyRoute`.
        let mut route_responses = BTreeSet::new();
        for response in self.of_kind("AWS::ApiGatewayV2::RouteResponse") {
            let route = response.needed("RouteId", response.property("RouteId").and_then(referred))?;
            let key = routes
                .keys()
                .find(|key| route.eq_ignore_ascii_case(&format!("{}{}Route", api.id, key.trim_start_matches('$'))));
            route_responses.insert(response.needed("RouteId", key)?.clone());
        }
        Ok(WebSocketSpec {
            stage: value("StageName")?,
            route_selection_expression: value("RouteSelectionExpression")?,
            routes,
            route_responses,
            authorizer: self.authorizer()?,
        })
    }

    fn authorizer(&self) -> Result<Option<AuthorizerSpec>, TemplateError> {
        let Some(authorizer) = self.of_kind("AWS::ApiGatewayV2::Authorizer").next() else { return Ok(None) };
        // `…/functions/${NameFunction.Arn}/invocations`
        let uri = authorizer.property("AuthorizerUri").and_then(argument);
        let id = uri.and_then(|uri| uri.split("${").find_map(|part| part.split_once(".Arn}")).map(|(id, _)| id));
        let function = self.of_kind("AWS::Serverless::Function").find(|resource| Some(resource.id) == id);
        let function = short_name(authorizer.needed("AuthorizerUri", function)?)?;
        let mut identity_sources = Vec::new();
        for source in authorizer.property("IdentitySource").and_then(Value::as_sequence).into_iter().flatten() {
            let source = source.as_str().and_then(|source| {
                let header = source.strip_prefix("route.request.header.");
                let query = source.strip_prefix("route.request.querystring.");
                let header = header.map(|name| IdentitySource::Header(name.to_owned()));
                header.or_else(|| query.map(|name| IdentitySource::Query(name.to_owned())))
            });
            identity_sources.push(authorizer.needed("IdentitySource", source)?);
        }
        Ok(Some(AuthorizerSpec { function, identity_sources }))
    }

    fn tables(&self) -> Result<Vec<TableSpec>, TemplateError> {
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

    fn mappings(&self) -> Result<Vec<MappingSpec>, TemplateError> {
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
            Ok(MappingSpec {
                table: resource.needed("Stream", referred(&event["Stream"]))?.to_owned(),
                function,
                batch_size: number("BatchSize")?.unwrap_or(USUAL_BATCH) as usize,
                maximum_record_age: number("MaximumRecordAgeInSeconds")?.map_or(USUAL_RECORD_AGE, Duration::from_secs),
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

    fn schedules(&self) -> Result<Vec<ScheduleSpec>, TemplateError> {
        let schedules = self.events("Schedule")?;
        let schedules = schedules.into_iter().map(|(resource, function, event)| {
            let every = event["Schedule"].as_str().and_then(rate);
            Ok(ScheduleSpec { function, every: resource.needed("Schedule", every)? })
        });
        schedules.collect()
    }
}

fn resources(document: &Value) -> Result<Vec<Resource<'_>>, TemplateError> {
    let written = document["Resources"].as_mapping().ok_or(TemplateError::NotOne("Resources section"))?;
    let resources = written.iter().map(|(id, body)| {
        let id = id.as_str().unwrap_or_default();
        let kind = body["Type"].as_str();
        let missing = || TemplateError::Property { resource: id.to_owned(), property: "Type".to_owned() };
        Ok(Resource { id, kind: kind.ok_or_else(missing)?, body })
    });
    resources.collect()
}

fn names(document: &Value, resources: &[Resource<'_>]) -> Names {
    let mut names = Names::new();
    for (name, parameter) in document["Parameters"].as_mapping().into_iter().flatten() {
        if let (Some(name), Some(value)) = (name.as_str(), text(&parameter["Default"], &Names::new())) {
            names.insert(name.to_owned(), value);
        }
    }
    for resource in resources {
        let name = match resource.kind {
            // `ChatTable` is `live-chat-chat`.
            "AWS::DynamoDB::Table" => format!("live-chat-{}", resource.id.trim_end_matches("Table").to_lowercase()),
            "AWS::Serverless::Function" => short_name(resource).unwrap_or_default(),
            _ => continue,
        };
        names.insert(resource.id.to_owned(), name);
    }
    names
}

fn short_name(function: &Resource<'_>) -> Result<String, TemplateError> {
    let binary = function.body["Metadata"]["BuildProperties"]["Binary"].as_str().map(str::to_owned);
    function.needed("Metadata.BuildProperties.Binary", binary)
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

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = include_str!("../../../../template.yaml");

    fn error(from: &str, to: &str) -> String {
        assert!(YAML.contains(from), "{from}");
        Template::parse(&YAML.replace(from, to)).unwrap_err().to_string()
    }

    #[test]
    fn the_template_names_every_function_and_both_tables() {
        let template = Template::embedded().unwrap();
        let mut names: Vec<_> = functions::local::NAMES.into();
        names.sort_unstable();
        assert_eq!(template.functions.keys().map(String::as_str).collect::<Vec<_>>(), names);
        let tables: Vec<_> =
            template.tables.iter().map(|table| (table.name.as_str(), table.stream.is_some())).collect();
        assert_eq!(tables, [("live-chat-chat", true), ("live-chat-connections", false)]);
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
        assert_eq!((template.mappings.len(), template.mappings[0].filters.len()), (1, 5));
        assert_eq!(
            template.schedules,
            [ScheduleSpec { function: "housekeep".to_owned(), every: Duration::from_secs(60) }]
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
    fn a_mapping_hears_of_single_failures_only_if_it_asks_to() {
        let reports = |yaml: &str| Template::parse(yaml).unwrap().mappings[0].reports_item_failures;
        let batch = "            BatchSize: 2000\n";
        let asks = format!("{batch}            FunctionResponseTypes: [ReportBatchItemFailures]\n");
        assert!(!reports(YAML) && YAML.contains(batch));
        assert!(reports(&YAML.replace(batch, &asks)));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for schedule in ["often", "rate(0 minutes)", "rate(999999999999999999 days)"] {
            let schedule = format!("Schedule: {schedule}");
            assert_eq!(error("Schedule: rate(1 minute)", &schedule), "HousekeepFunction has no usable Schedule");
        }
        assert_eq!(
            error("        Binary: fan-out", "        Other: fan-out"),
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
