//! The API documents as JSON, and the files of Swagger UI that show them. The pages themselves are in `web/docs/`. The files are a
//! crate's copy, so that a build needs no Node; `tests/clients` compares them with the npm package.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use utoipa_swagger_ui::Config;

const OPENAPI: &str = include_str!("../../../docs/openapi.yaml");
const ASYNCAPI: &str = include_str!("../../../docs/asyncapi.yaml");

/// `/openapi.json`, `/asyncapi.json` and `/docs/swagger/…`.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let config: Arc<Config<'static>> = Arc::new(Config::from("/openapi.json"));
    Router::new()
        // Tried from the page, calls go to the server that the page came from.
        .route("/openapi.json", get(|| async { document(OPENAPI, Some(json!([{"url": "/"}]))) }))
        .route("/asyncapi.json", get(|| async { document(ASYNCAPI, None) }))
        .route("/docs/swagger/{file}", get(move |Path(file): Path<String>| asset(file, config)))
}

fn document(yaml: &str, servers: Option<Value>) -> Response {
    match serde_norway::from_str::<Value>(yaml) {
        Ok(mut document) => {
            if let Some(servers) = servers {
                document["servers"] = servers;
            }
            axum::Json(document).into_response()
        }
        Err(error) => {
            tracing::error!(error = %error, "an API document is no YAML");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn asset(file: String, config: Arc<Config<'static>>) -> Response {
    match utoipa_swagger_ui::serve(&file, config) {
        Ok(Some(file)) => ([(CONTENT_TYPE, file.content_type)], file.bytes.into_owned()).into_response(),
        Ok(None) | Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_documents_are_yaml_that_is_json() {
        for (document, version) in [(super::OPENAPI, "openapi"), (super::ASYNCAPI, "asyncapi")] {
            let value: serde_json::Value = serde_norway::from_str(document).unwrap();
            assert!(value[version].as_str().unwrap().starts_with('3'));
        }
    }
}
