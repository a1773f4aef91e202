//! The HTTP API's routes, and the WebSocket API with its authorizer.

use std::collections::{BTreeMap, BTreeSet};

use serde_norway::Value;

use super::error::TemplateError;
use super::resolve::{argument, referred, text};
use super::resources::{Resources, short_name};
use super::spec::{AuthorizerSpec, CorsSpec, HttpRoute, IdentitySource, WebSocketSpec};

/// The property of an HTTP API's definition.
const CORS: &str = "x-amazon-apigateway-cors";

impl Resources<'_> {
    pub(super) fn http_routes(&self) -> Result<Vec<HttpRoute>, TemplateError> {
        let routes = self.events("HttpApi")?;
        let routes = routes.into_iter().map(|(resource, function, event)| {
            let method = resource.needed("Method of its HttpApi event", text(&event["Method"], &self.names))?;
            let path = resource.needed("Path of its HttpApi event", text(&event["Path"], &self.names))?;
            Ok(HttpRoute { method: method.to_uppercase(), path, function })
        });
        routes.collect()
    }

    /// CORS where the template's condition for it holds: `!If [condition, CORS, …]`. An API without it has none.
    pub(super) fn cors(&self) -> Result<CorsSpec, TemplateError> {
        let api = self.of_kind("AWS::Serverless::HttpApi").next();
        let written = api.and_then(|api| Some((api, api.property(&format!("DefinitionBody.{CORS}"))?)));
        let Some((api, Value::Tagged(condition))) = written else { return Ok(CorsSpec::default()) };
        let cors = api.needed(CORS, condition.value.get(1))?;
        let list = |name: &str| {
            let texts =
                cors[name].as_sequence().and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
            let texts = api.needed(&format!("{CORS}.{name}"), texts)?;
            Ok(texts.into_iter().map(str::to_owned).collect())
        };
        let max_age = cors["maxAge"].as_u64().and_then(|seconds| u32::try_from(seconds).ok());
        Ok(CorsSpec {
            methods: list("allowMethods")?,
            headers: list("allowHeaders")?,
            exposed: list("exposeHeaders")?,
            max_age,
        })
    }

    pub(super) fn websocket(&self) -> Result<WebSocketSpec, TemplateError> {
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
}
