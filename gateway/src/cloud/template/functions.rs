//! Functions: their timeouts and their environment.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_norway::Value;

use super::error::TemplateError;
use super::resolve::text;
use super::resources::{Resources, short_name};
use super::spec::FunctionSpec;

/// Lambda's default, where a function sets none.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

impl Resources<'_> {
    pub(super) fn functions(&self) -> Result<BTreeMap<String, FunctionSpec>, TemplateError> {
        let mut functions = BTreeMap::new();
        for function in self.of_kind("AWS::Serverless::Function") {
            let timeout = function.property("Timeout").or_else(|| self.globals.get("Timeout"));
            let timeout = match timeout {
                Some(seconds) => function.needed("Timeout", seconds.as_u64()).map(Duration::from_secs)?,
                None => DEFAULT_TIMEOUT,
            };
            let reserved_executions = match function.property("ReservedConcurrentExecutions") {
                // `!If [HasIt, !Ref It, !Ref AWS::NoValue]`: a parameter that is 0 does not have it.
                Some(Value::Tagged(choice)) if choice.tag == "If" => {
                    let number = text(&choice.value[1], &self.names).and_then(|number| number.parse().ok());
                    Some(function.needed("ReservedConcurrentExecutions", number)?).filter(|number| *number > 0)
                }
                Some(number) => {
                    let number = text(number, &self.names).and_then(|number| number.parse().ok());
                    Some(function.needed("ReservedConcurrentExecutions", number)?)
                }
                None => None,
            };
            let mut environment = self.environment(self.globals.get("Environment"));
            environment.extend(self.environment(function.property("Environment")));
            let condition = match function.body["Condition"].as_str() {
                Some(name) => Some(function.needed("Condition", self.condition(&self.conditions[name]))?),
                None => None,
            };
            functions
                .insert(short_name(function)?, FunctionSpec { timeout, condition, reserved_executions, environment });
        }
        Ok(functions)
    }

    fn environment(&self, environment: Option<&Value>) -> BTreeMap<String, String> {
        let variables = environment.and_then(|environment| environment.get("Variables")).and_then(Value::as_mapping);
        let pairs = variables.into_iter().flatten();
        pairs.filter_map(|(name, value)| Some((name.as_str()?.to_owned(), text(value, &self.names)?))).collect()
    }
}
