//! The resources of a template and the names by which they refer to each other.

use serde_norway::{Mapping, Value};

use super::error::TemplateError;
use super::resolve::{Names, text};

/// One resource.
pub(super) struct Resource<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) body: &'a Value,
}

impl<'a> Resource<'a> {
    pub(super) fn property(&self, path: &str) -> Option<&'a Value> {
        path.split('.').try_fold(&self.body["Properties"], |value, name| value.get(name))
    }

    pub(super) fn needed<T>(&self, property: &str, value: Option<T>) -> Result<T, TemplateError> {
        value.ok_or_else(|| TemplateError::Property { resource: self.id.to_owned(), property: property.to_owned() })
    }
}

/// All resources, and the values of their references.
pub(super) struct Resources<'a> {
    pub(super) globals: &'a Value,
    pub(super) conditions: &'a Value,
    all: Vec<Resource<'a>>,
    pub(super) names: Names,
}

impl<'a> Resources<'a> {
    /// Those of a document.
    pub(super) fn of(document: &'a Value) -> Result<Resources<'a>, TemplateError> {
        let all = resources(document)?;
        let names = names(document, &all);
        let (globals, conditions) = (&document["Globals"]["Function"], &document["Conditions"]);
        Ok(Resources { globals, conditions, all, names })
    }

    pub(super) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Resource<'a>> {
        self.all.iter().filter(move |resource| resource.kind == kind)
    }

    /// Every function's events of a kind, with the function's short name.
    pub(super) fn events(&self, kind: &str) -> Result<Vec<(&Resource<'a>, String, &'a Value)>, TemplateError> {
        let mut found = Vec::new();
        for function in self.of_kind("AWS::Serverless::Function") {
            let events = function.property("Events").and_then(Value::as_mapping);
            for event in events.into_iter().flat_map(Mapping::values).filter(|event| event["Type"] == kind) {
                found.push((function, short_name(function)?, &event["Properties"]));
            }
        }
        Ok(found)
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

/// The name by which the rest of the gateway knows a function.
pub(super) fn short_name(function: &Resource<'_>) -> Result<String, TemplateError> {
    let binary = function.body["Metadata"]["BuildProperties"]["Binary"].as_str().map(str::to_owned);
    function.needed("Metadata.BuildProperties.Binary", binary)
}
