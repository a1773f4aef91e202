//! The other places that a line in the table of functions needs: template, binary, handler, sample event and API document. Each
//! missing one becomes a line of a checklist that says how to add it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use functions::table::{Function, Route, Trigger};
use gateway::template::{HttpRoute, Template};
use serde_json::Value;

use crate::template::{template, texts};

/// All places other than the table, as found in the workspace.
pub struct Places {
    template: Template,
    /// `allowMethods` of the HTTP API's CORS.
    cors_methods: BTreeSet<String>,
    /// The names of the files in `functions/src/bin`.
    binaries: BTreeSet<String>,
    /// The first line of each handler, by its path such as `routes/status`.
    handlers: BTreeMap<String, String>,
    samples: BTreeMap<String, Value>,
    openapi: Value,
    asyncapi: Value,
}

/// A handler as places other than the table name it.
struct Handler {
    /// Its path below `functions/src`, such as `routes/like_message`.
    path: String,
    /// Its name in the API documents and of its sample event, such as `like-message`.
    name: String,
    /// Its route key, unless it is a job's.
    key: Option<&'static str>,
}

impl Places {
    /// Reads the workspace.
    ///
    /// # Panics
    /// If something cannot be read.
    pub fn read() -> Places {
        let json = |(name, text): (String, String)| (name, serde_json::from_str(&text).expect("an event is JSON"));
        let yaml = |path: &str| serde_norway::from_str(&text_of(path)).expect("the document is YAML");
        let handlers = ["routes", "hooks", "jobs"].into_iter().flat_map(|folder| {
            let files = files_in(&format!("functions/src/{folder}"), ".rs").into_iter();
            files.map(move |(name, text)| {
                (format!("{folder}/{name}"), text.lines().next().unwrap_or_default().to_owned())
            })
        });
        let cors = &template()["Resources"]["HttpApi"]["Properties"]["DefinitionBody"]["x-amazon-apigateway-cors"];
        Places {
            template: Template::embedded().expect("a template"),
            cors_methods: texts(&cors["!If"][1]["allowMethods"]).into_iter().map(str::to_owned).collect(),
            binaries: files_in("functions/src/bin", ".rs").into_keys().collect(),
            handlers: handlers.filter(|(path, _)| !path.ends_with("/mod")).collect(),
            samples: files_in("events", ".json").into_iter().map(json).collect(),
            openapi: yaml("docs/openapi.yaml"),
            asyncapi: yaml("docs/asyncapi.yaml"),
        }
    }

    /// Everything that the table needs and a place lacks, and vice versa: each place with the change to make there.
    pub fn missing(&self, table: &[Function]) -> Vec<String> {
        let mut missing = Vec::new();
        for function in table {
            self.check_handlers(function, &mut missing);
            if !self.binaries.contains(function.name) {
                missing.push(format!("functions/src/bin/{}.rs: the line `functions::main!();`", function.name));
            }
            self.check_template(function, &mut missing);
            self.check_samples(function, &mut missing);
            self.check_documents(function, &mut missing);
        }
        self.find_what_the_table_lacks(table, &mut missing);
        missing
    }

    /// The functions of a table as Markdown rows: name, caller, and the first lines of its handlers' docs.
    ///
    /// # Panics
    /// If a handler has no doc comment.
    pub fn list(&self, table: &[Function]) -> String {
        let mut rows = "| function | called by | what for |\n| --- | --- | --- |\n".to_owned();
        for function in table {
            for (index, handler) in handlers_of(function).iter().enumerate() {
                let line = self.handlers[&handler.path].trim_start_matches("//! ");
                let (caller, purpose) = line.split_once(": ").expect("the first line is `caller: purpose`");
                let name = if index == 0 { format!("`{}`", function.name) } else { String::new() };
                let file = format!("[{}](../functions/src/{}.rs)", purpose.trim_end_matches('.'), handler.path);
                rows += &format!("| {name} | {caller} | {file} |\n");
            }
        }
        rows
    }

    fn check_handlers(&self, function: &Function, missing: &mut Vec<String>) {
        for handler in handlers_of(function) {
            let line = self.handlers.get(&handler.path).map(String::as_str).unwrap_or_default();
            let (begin, is_right) = match handler.key {
                Some(key) => (format!("//! `{key}`: "), line.starts_with(&format!("//! `{key}`: "))),
                None => ("//! Its caller: ".to_owned(), line.starts_with("//! ") && line.contains(": ")),
            };
            if !is_right {
                let path = &handler.path;
                missing
                    .push(format!("functions/src/{path}.rs: the handler, whose first line is `{begin}what it does`"));
            }
        }
    }

    fn check_template(&self, function: &Function, missing: &mut Vec<String>) {
        let name = function.name;
        let lacking: Vec<String> = match function.trigger {
            Trigger::Routes(routes) => {
                let lacking = routes.iter().filter(|route| !self.template_has(name, route));
                lacking.map(|route| format!("the route `{}`", route.key)).collect()
            }
            Trigger::Hook { key, .. } if self.template.websocket.routes.get(key).is_none_or(|has| has != name) => {
                vec![format!("the route `{key}` of the WebSocket API")]
            }
            _ => Vec::new(),
        };
        if !self.template.functions.contains_key(name) {
            let with = if lacking.is_empty() { "its event".to_owned() } else { lacking.join(" and ") };
            missing.push(format!("template.yaml: a function with `Binary: {name}` and {with}"));
        } else {
            missing.extend(lacking.iter().map(|lacking| format!("template.yaml: {lacking}, of the function `{name}`")));
        }
        for route in routes_of(function) {
            let (method, _) = method_and_path(route.key);
            if !self.cors_methods.contains(method) {
                missing.push(format!("template.yaml: `{method}` in `allowMethods` of x-amazon-apigateway-cors"));
            }
        }
    }

    fn template_has(&self, function: &str, route: &Route) -> bool {
        self.template.http_routes.iter().any(|has| has.function == function && key_of(has) == route.key)
    }

    fn check_samples(&self, function: &Function, missing: &mut Vec<String>) {
        for handler in handlers_of(function) {
            let sample = self.samples.get(&handler.name);
            let has_key = |key| sample.is_some_and(|sample| sample["requestContext"]["routeKey"] == key);
            let path = format!("events/{}.json", handler.name);
            match handler.key {
                Some(key) if !has_key(key) => {
                    missing.push(format!("{path}: a sample event with `\"routeKey\": \"{key}\"`"))
                }
                None if sample.is_none() => missing.push(format!("{path}: a sample event")),
                _ => {}
            }
        }
    }

    fn check_documents(&self, function: &Function, missing: &mut Vec<String>) {
        for (route, handler) in routes_of(function).iter().zip(handlers_of(function)) {
            let (method, path) = method_and_path(route.key);
            let (method, name) = (method.to_lowercase(), handler.name);
            if self.openapi["paths"][path][&method]["operationId"] != name {
                missing.push(format!("docs/openapi.yaml: `{method}` of the path `{path}` with `operationId: {name}`"));
            }
        }
        // A handshake and the end of a socket are not messages: AsyncAPI describes them in prose.
        if let Trigger::Hook { key, .. } = function.trigger
            && !["$connect", "$disconnect"].contains(&key)
            && self.asyncapi["operations"][function.name]["action"] != "receive"
        {
            missing.push(format!("docs/asyncapi.yaml: an operation `{}` with `action: receive`", function.name));
        }
    }

    fn find_what_the_table_lacks(&self, table: &[Function], missing: &mut Vec<String>) {
        let names: BTreeSet<&str> = table.iter().map(|function| function.name).collect();
        let handlers: Vec<Handler> = table.iter().flat_map(handlers_of).collect();
        let has_handler = |name: &str| handlers.iter().any(|handler| handler.name == name);
        let has_route = |key: &str| table.iter().flat_map(routes_of).any(|route| route.key == key);
        let mut lacks =
            |what: String, place: String| missing.push(format!("functions/src/table.rs: {what}, which {place} has"));

        for name in self.binaries.iter().filter(|name| !names.contains(name.as_str())) {
            lacks(format!("the function `{name}`"), format!("functions/src/bin/{name}.rs"));
        }
        for name in self.template.functions.keys().filter(|name| !names.contains(name.as_str())) {
            lacks(format!("the function `{name}`"), "template.yaml".to_owned());
        }
        for key in self.template.http_routes.iter().map(key_of).filter(|key| !has_route(key)) {
            lacks(format!("the route `{key}`"), "template.yaml".to_owned());
        }
        for path in self.handlers.keys().filter(|path| handlers.iter().all(|handler| handler.path != **path)) {
            lacks("the handler".to_owned(), format!("functions/src/{path}.rs"));
        }
        for name in self.samples.keys().filter(|name| !has_handler(name)) {
            lacks(format!("a handler of the event `{name}`"), format!("events/{name}.json"));
        }
        for (path, methods) in self.openapi["paths"].as_object().into_iter().flatten() {
            let operations = methods.as_object().into_iter().flatten();
            for (method, _) in operations.filter(|(_, operation)| operation.get("operationId").is_some()) {
                let key = format!("{} {path}", method.to_uppercase());
                if !has_route(&key) {
                    lacks(format!("the route `{key}`"), "docs/openapi.yaml".to_owned());
                }
            }
        }
        for name in self.asyncapi["operations"].as_object().into_iter().flatten().map(|(name, _)| name) {
            if !names.contains(name.as_str()) {
                lacks(format!("the function `{name}`"), "docs/asyncapi.yaml".to_owned());
            }
        }
    }
}

fn handlers_of(function: &Function) -> Vec<Handler> {
    let handler = |folder: &str, module: &str, key| Handler {
        path: format!("{folder}/{module}"),
        name: module.replace('_', "-"),
        key,
    };
    match function.trigger {
        Trigger::Routes(routes) => {
            routes.iter().map(|route| handler("routes", route.handler, Some(route.key))).collect()
        }
        Trigger::Hook { key, handler: module } => vec![handler("hooks", module, Some(key))],
        Trigger::Job { handler: module } => vec![handler("jobs", module, None)],
    }
}

fn routes_of(function: &Function) -> &'static [Route] {
    if let Trigger::Routes(routes) = function.trigger { routes } else { &[] }
}

fn key_of(route: &HttpRoute) -> String {
    format!("{} {}", route.method, route.path)
}

fn method_and_path(key: &str) -> (&str, &str) {
    key.split_once(' ').unwrap_or_else(|| panic!("{key} is a method, a space and a path"))
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

fn text_of(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files of a folder with this extension, by their names without it.
fn files_in(folder: &str, extension: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(workspace().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"));
    let files = names.filter_map(|file| {
        let name = file.strip_suffix(extension)?.to_owned();
        Some((name, text_of(&format!("{folder}/{file}"))))
    });
    files.collect()
}
