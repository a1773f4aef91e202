//! The AWS calls of each function, read off the wire: the signer of a request, and the permissions that it needs.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex};

use gateway::template::Template;
use serde_json::Value;
use tokio::sync::watch;

use crate::proxy::{Fate, ProxiedRequest, Proxy};
use crate::within;

/// One kind of call: a function, an IAM action and a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AwsCall {
    /// The function's short name.
    pub function: String,
    /// The action, such as `dynamodb:GetItem`.
    pub action: String,
    /// A logical id of the template, or such as `POST of a socket`.
    pub resource: String,
}

impl AwsCall {
    /// A call.
    pub fn new(function: &str, action: &str, resource: &str) -> AwsCall {
        AwsCall { function: function.to_owned(), action: action.to_owned(), resource: resource.to_owned() }
    }
}

/// All calls so far. Clones share them.
#[derive(Clone)]
pub struct Record {
    calls: watch::Sender<BTreeSet<AwsCall>>,
    /// Deletions, with the partition keys of their rows.
    deletions: Arc<Mutex<BTreeSet<(AwsCall, String)>>>,
}

impl Record {
    /// No calls yet.
    pub fn new() -> Record {
        Record { calls: watch::Sender::default(), deletions: Arc::default() }
    }

    /// Records every request that reaches a proxy; `fate` then decides its fate.
    pub fn watch(&self, proxy: &Proxy, mut fate: impl FnMut(&ProxiedRequest) -> Fate + Send + 'static) {
        let record = self.clone();
        proxy.judge(move |request| {
            let calls = needed(request);
            record.deletions.lock().expect("no panic holds it").extend(deletions(request));
            record.calls.send_if_modified(|all| {
                let before = all.len();
                all.extend(calls);
                all.len() > before
            });
            fate(request)
        });
    }

    /// Waits until a function has made a call.
    pub async fn until(&self, function: &str, action: &str, resource: &str) {
        let (call, mut calls) = (AwsCall::new(function, action, resource), self.calls.subscribe());
        let made = within(&format!("{call:?}"), calls.wait_for(|all| all.contains(&call))).await;
        assert!(made.is_ok(), "the record lives as long as the test");
    }

    /// All calls so far.
    pub fn calls(&self) -> BTreeSet<AwsCall> {
        self.calls.borrow().clone()
    }

    /// All deletions so far, with the partition keys of their rows.
    ///
    /// # Panics
    /// If another thread has panicked meanwhile.
    pub fn deletions(&self) -> BTreeSet<(AwsCall, String)> {
        self.deletions.lock().expect("no panic holds it").clone()
    }
}

impl Default for Record {
    fn default() -> Record {
        Record::new()
    }
}

/// The rows that a request deletes.
pub(crate) fn deletions(request: &ProxiedRequest) -> Vec<(AwsCall, String)> {
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let deleted = match request.operation.as_str() {
        "DeleteItem" => vec![&body],
        "TransactWriteItems" => {
            let actions = body["TransactItems"].as_array().into_iter().flatten();
            actions.map(|action| &action["Delete"]).filter(|deletion| deletion.is_object()).collect()
        }
        _ => Vec::new(),
    };
    let row = |deletion: &Value| {
        let partition = deletion["Key"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
        (AwsCall::new(&request.caller, "dynamodb:DeleteItem", &table(deletion)), partition)
    };
    deleted.into_iter().map(row).collect()
}

/// The permissions that a request needs.
pub(crate) fn needed(request: &ProxiedRequest) -> Vec<AwsCall> {
    let call = |action: &str, resource: &str| AwsCall::new(&request.caller, action, resource);
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    if request.path.contains("/@connections/") {
        return vec![call("execute-api:ManageConnections", &format!("{} of a socket", request.operation))];
    }
    if request.path.ends_with("/functions/fan-out/invocations") {
        return vec![call("lambda:InvokeFunction", "FanOutFunction")];
    }
    if request.path.ends_with("/functions/flush-later/invocations") {
        return vec![call("lambda:InvokeFunction", "FlushLaterFunction")];
    }
    // The operator's function, in the path by its encoded ARN.
    if request.path.ends_with("%3Afunction%3Areview/invocations") {
        return vec![call("lambda:InvokeFunction", "ReviewFunctionArn")];
    }
    if request.operation == "GetSecretValue" {
        let is_of = |name| body["SecretId"].as_str().is_some_and(|arn| arn.contains(name));
        let secret = match (is_of("service"), is_of("webhook")) {
            (true, _) => "ServiceSecretArn",
            (_, true) => "WebhookSecretArn",
            _ => "JwtSecretArn",
        };
        return vec![call("secretsmanager:GetSecretValue", secret)];
    }
    if request.operation == "PutEvents" {
        return vec![call("events:PutEvents", "EventBus")];
    }
    if request.operation != "TransactWriteItems" {
        let index = body.get("IndexName").map(|index| format!(" index {index}")).unwrap_or_default();
        return vec![call(&format!("dynamodb:{}", request.operation), &(table(&body) + &index))];
    }
    // A transaction needs the permissions of all its actions.
    let actions = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    actions
        .map(|(kind, action)| {
            let kind = if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
            call(&format!("dynamodb:{kind}"), &table(action))
        })
        .collect()
}

fn table(body: &Value) -> String {
    // Read once: a run makes tens of thousands of calls.
    static TEMPLATE: LazyLock<Template> = LazyLock::new(|| Template::embedded().expect("the template"));
    let name = body["TableName"].as_str().unwrap_or_default();
    let known = TEMPLATE.tables.iter().find(|table| table.name == name);
    known.map_or(name, |table| &table.logical_id).to_owned()
}
