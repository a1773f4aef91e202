//! REST calls and their responses, by path, method, status and content type.

use serde_json::Value;

use super::documents::{Node, OPENAPI};
use crate::answer::Answer;

/// Headers that matter to clients: a response must have them if and only if they are documented.
const TELLING: [&str; 8] =
    ["Cache-Control", "ETag", "Export-SHA256", "Link", "Retry-After", "WWW-Authenticate", "Location", "Set-Cookie"];
const PROBLEM: &str = "application/problem+json";

/// A request.
pub struct RestCall<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path without the query.
    pub path: &'a str,
    /// The body, if there is one.
    pub body: Option<&'a [u8]>,
}

/// Whether a response of the chat and its request are documented. Pages and the gateway's other APIs do not belong to the
/// chat.
///
/// # Errors
/// The difference to the documents.
pub fn check(call: &RestCall<'_>, answer: &Answer) -> Result<(), String> {
    if !call.path.starts_with("/live-chat/") {
        return Ok(());
    }
    if call.path.starts_with("/live-chat/ws/") {
        return super::frames::refusal(answer.status, answer.text.as_bytes());
    }
    documented(call, answer).map_err(|wrong| format!("{} {} {}: {wrong}", call.method, call.path, answer.status))
}

/// Whether a client may send this body, as documented.
///
/// # Errors
/// The difference to the documents.
pub fn allows_body(call: &RestCall<'_>) -> Result<(), String> {
    let operation = operation_of(call).ok_or("this operation is not documented")?;
    taken(&operation, call.body.unwrap_or_default())
}

fn documented(call: &RestCall<'_>, answer: &Answer) -> Result<(), String> {
    let Some(operation) = operation_of(call) else {
        return no_route(answer);
    };
    let status = answer.status.to_string();
    let response = operation.find(&["responses", &status]).ok_or("this status is not documented")?;
    let kind = header(answer, "content-type").unwrap_or_default();
    if response.find(&["content"]).is_none() && kind.is_empty() && answer.text.is_empty() {
        return headers(&response, kind, answer);
    }
    let schema = response.find(&["content", kind, "schema"]).ok_or_else(|| format!("{kind:?} is not documented"))?;
    if !kind.ends_with("json") {
        schema.describes(&Value::from(answer.text.as_str()))?;
        if let Some(line) = response.find(&["content", kind, "x-line"]) {
            lines(&line, &answer.text)?;
        }
        return headers(&response, kind, answer);
    }
    let body: Value = serde_json::from_str(&answer.text).map_err(|error| format!("no JSON: {error}"))?;
    schema.describes(&body)?;
    if kind == PROBLEM && body["status"] != answer.status {
        return Err(format!("the body says {}", body["status"]));
    }
    headers(&response, kind, answer)?;
    match call.body {
        Some(body) if answer.status == 200 => taken(&operation, body),
        _ => Ok(()),
    }
}

/// Each line of a text is JSON as documented.
fn lines(documented: &Node, text: &str) -> Result<(), String> {
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?;
        documented.describes(&line).map_err(|wrong| format!("{line}: {wrong}"))?;
    }
    Ok(())
}

/// The operation whose path has these segments; a parameter matches any segment.
fn operation_of(call: &RestCall<'_>) -> Option<Node> {
    let paths = Node::root(OPENAPI).find(&["paths"])?;
    let fits = |template: &str| {
        let (mut wanted, mut given) = (template.split('/'), call.path.split('/'));
        wanted.by_ref().zip(given.by_ref()).all(|(wanted, given)| wanted == given || wanted.starts_with('{'))
            && template.split('/').count() == call.path.split('/').count()
    };
    let (template, _) = paths.entries().find(|(template, _)| fits(template))?;
    paths.find(&[template, &call.method.to_lowercase()])
}

/// If there is no operation, only API Gateway's 404 is documented.
fn no_route(answer: &Answer) -> Result<(), String> {
    let node =
        Node::root(OPENAPI).find(&["components", "responses", "NotFound", "content", "application/json", "schema"]);
    match node {
        Some(schema) if answer.status == 404 => schema.describes(&answer.json),
        _ => Err("this operation is not documented".to_owned()),
    }
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).and_then(|value| value.to_str().ok())
}

fn headers(response: &Node, kind: &str, answer: &Answer) -> Result<(), String> {
    for name in TELLING {
        let documented = response.find(&["headers", name]);
        let (node, text) = match (documented, header(answer, name)) {
            (None, None) => continue,
            (None, Some(_)) => return Err(format!("comes with {name}, which is not documented")),
            (Some(node), None) if node.value["required"] == true || kind == PROBLEM => {
                return Err(format!("comes without {name}, which {}{} promises", node.file, node.pointer));
            }
            (Some(_), None) => continue,
            (Some(node), Some(text)) => (node, text),
        };
        let schema = node.find(&["schema"]).ok_or_else(|| format!("{name} has no schema"))?;
        let value = match schema.value["type"].as_str() {
            Some("integer") => text.parse::<u64>().map(Value::from).map_err(|error| format!("{name}: {error}"))?,
            _ => Value::from(text),
        };
        schema.describes(&value).map_err(|wrong| format!("{name}: {wrong}"))?;
    }
    Ok(())
}

/// An accepted body must be documented.
fn taken(operation: &Node, body: &[u8]) -> Result<(), String> {
    let schema = operation.find(&["requestBody", "content", "application/json", "schema"]);
    let schema = schema.ok_or("it takes a body, which is not documented")?;
    let body = serde_json::from_slice(body).map_err(|error| format!("it takes what is no JSON: {error}"))?;
    schema.describes(&body).map_err(|wrong| format!("it takes {wrong}"))
}
