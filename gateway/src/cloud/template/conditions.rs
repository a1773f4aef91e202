//! Conditions of functions, as far as they ask for parameters that are settings: locally, a setting is its environment variable.

use std::collections::BTreeMap;

use serde_norway::Value;

use super::resources::Resources;

/// A condition of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `!Equals [!Ref Parameter, text]`, where the variable is what functions get the parameter as.
    Equals {
        /// The environment variable.
        variable: String,
        /// The text.
        text: String,
    },
    /// `!Not [condition]`
    Not(Box<Condition>),
    /// `!And [condition, …]`
    And(Vec<Condition>),
    /// `!Or [condition, …]`
    Or(Vec<Condition>),
}

impl Condition {
    /// Whether it holds with these environment variables. One that is not set is empty.
    pub fn holds(&self, variables: &BTreeMap<String, String>) -> bool {
        match self {
            Condition::Equals { variable, text } => variables.get(variable).map_or("", String::as_str) == text,
            Condition::Not(condition) => !condition.holds(variables),
            Condition::And(conditions) => conditions.iter().all(|condition| condition.holds(variables)),
            Condition::Or(conditions) => conditions.iter().any(|condition| condition.holds(variables)),
        }
    }
}

impl Resources<'_> {
    /// Reads a condition; `None` if it asks for anything else.
    pub(super) fn condition(&self, value: &Value) -> Option<Condition> {
        let Value::Tagged(tagged) = value else { return None };
        let arguments = tagged.value.as_sequence()?;
        let conditions = || arguments.iter().map(|argument| self.condition(argument)).collect::<Option<Vec<_>>>();
        match (tagged.tag.to_string().trim_start_matches('!'), arguments.as_slice()) {
            ("Equals", [parameter, Value::String(text)]) => {
                Some(Condition::Equals { variable: self.variable_of(parameter)?, text: text.clone() })
            }
            ("Not", [condition]) => Some(Condition::Not(Box::new(self.condition(condition)?))),
            ("And", _) => conditions().map(Condition::And),
            ("Or", _) => conditions().map(Condition::Or),
            _ => None,
        }
    }

    /// The environment variable as which all functions get what a value refers to.
    fn variable_of(&self, reference: &Value) -> Option<String> {
        let variables = self.globals.get("Environment")?.get("Variables")?.as_mapping()?;
        let (name, _) = variables.iter().find(|(_, passed)| *passed == reference)?;
        name.as_str().map(str::to_owned)
    }
}
