//! The chat's functions in this process: the same handlers, on the same events, as the Lambda binaries run them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use functions::local;
use shared::lambda::app::App;

use super::{Code, Engine, Function, FunctionError};
use crate::cloud::template::Template;

/// An engine with every function of the template, each on its object graph.
pub fn engine(template: &Template, app_of: impl Fn(&str) -> Arc<App>) -> Engine {
    let functions: BTreeMap<String, Function> = template
        .functions
        .iter()
        .map(|(name, spec)| (name.clone(), Function { code: code(name.clone(), app_of(name)), timeout: spec.timeout }))
        .collect();
    Engine::new(functions)
}

fn code(name: String, app: Arc<App>) -> Code {
    Arc::new(move |payload: Bytes, context| {
        let (name, app) = (name.clone(), Arc::clone(&app));
        Box::pin(async move {
            local::invoke(&name, app, &payload, context).await.map_err(|error| FunctionError::unhandled(&error))
        })
    })
}
