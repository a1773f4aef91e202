//! Serves events of a function in this process, as its Lambda binary would.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Request};
use lambda_runtime::tower::ServiceExt;
use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::lambda::app::App;

use crate::function::Route;
use crate::returned::Returned;
use crate::runtime::{self, Handler};

pub(crate) async fn http(
    routes: &'static [Route],
    app: Arc<App>,
    payload: &[u8],
    context: Context,
) -> Result<Returned, Error> {
    let request: LambdaRequest = serde_json::from_slice(payload)?;
    let answered = Arc::new(Mutex::new(None));
    let service = service_fn(|request: Request| {
        let (answer, answered) = (runtime::respond(Arc::clone(&app), routes, request), Arc::clone(&answered));
        async move {
            *answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer.await);
            // What the adapter gets instead, for it would turn the response into a type without a name.
            Ok::<_, Infallible>(String::new())
        }
    });
    Adapter::from(service).oneshot(LambdaEvent::new(request, context)).await?;
    let response = answered.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok(Returned::of_response(response.ok_or("the handler was not called")?))
}

pub(crate) async fn event<Event, Outcome>(
    handle: Handler<Event, Outcome>,
    app: Arc<App>,
    payload: &[u8],
    context: Context,
) -> Result<Returned, Error>
where
    Event: DeserializeOwned,
    Outcome: Serialize,
{
    let event = LambdaEvent::new(serde_json::from_slice(payload)?, context);
    Ok(Returned::Json(serde_json::to_vec(&runtime::serve_event(handle, app, event).await?)?.into()))
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, Response};
    use serde_json::{Value, json};
    use shared::domain::config::Config;
    use shared::domain::error::ChatError;
    use shared::platform::aws::AwsEnvironment;
    use shared::platform::clock::Clock;

    use super::*;

    /// A function that serves two routes, as the staff's do.
    const ROUTES: &[Route] = &[
        Route {
            key: "GET /live-chat/lamps",
            handler: "lamps",
            needs: &[],
            answer: |_, _, _| Box::pin(async { Ok("[]".to_owned().into()) }),
        },
        Route {
            key: "POST /live-chat/lamps/{lamp}",
            handler: "light_lamp",
            needs: &[],
            answer: |_, caller, _| Box::pin(async move { Ok(json!({"lit_by": caller.user_id}).to_string().into()) }),
        },
    ];

    fn app() -> Arc<App> {
        let secret = |name: &str| (name == "JWT_SECRET").then(|| "a secret for sample events only".to_owned());
        let aws = AwsEnvironment::from_lookup(|_| None).unwrap();
        App::new(Config::from_lookup(secret).unwrap(), aws, Clock::system()).unwrap()
    }

    /// The answer to a request of the sample events' user, for which API Gateway chose this route. It is a POST, whose handler asks for the
    /// user's standing itself: these functions have no table.
    async fn call(routes: &'static [Route], key: &str) -> (Value, Value) {
        let mut event: Value = serde_json::from_str(include_str!("../../events/like.json")).unwrap();
        event["routeKey"] = json!(key);
        event["requestContext"]["routeKey"] = json!(key);
        let response = http(routes, app(), event.to_string().as_bytes(), Context::default()).await.unwrap();
        let response: Value = serde_json::from_slice(&response.into_json().unwrap()).unwrap();
        let body = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        (response["statusCode"].clone(), body)
    }

    #[tokio::test]
    async fn a_response_is_what_the_adapter_makes_of_it() {
        for body in [Body::Empty, Body::Text("é".to_owned()), Body::Binary(vec![0, 255])] {
            let response = || {
                let response = Response::builder().status(429).header("retry-after", 7).header("set-cookie", "a=1");
                response.header("set-cookie", "b=2").body(body.clone()).unwrap()
            };
            let event: LambdaRequest = serde_json::from_str(include_str!("../../events/like.json")).unwrap();
            let service = service_fn(|_: Request| async { Ok::<_, Infallible>(runtime::Text(response())) });
            let adapted = Adapter::from(service).oneshot(LambdaEvent::new(event, Context::default())).await.unwrap();
            let returned = Returned::of_response(response()).into_json().unwrap();
            let returned: Value = serde_json::from_slice(&returned).unwrap();
            assert_eq!(returned, serde_json::to_value(&adapted).unwrap());
        }
    }

    #[tokio::test]
    async fn a_function_of_two_routes_serves_each_by_its_key() {
        assert_eq!(call(ROUTES, "GET /live-chat/lamps").await, (json!(200), json!([])));
        assert_eq!(call(ROUTES, "POST /live-chat/lamps/{lamp}").await, (json!(200), json!({"lit_by": "alice"})));
    }

    #[tokio::test]
    async fn a_key_that_none_of_several_routes_has_is_unavailable_and_the_log_says_why() {
        let (status, body) = call(ROUTES, "DELETE /live-chat/lamps/{lamp}").await;
        assert_eq!((status, &body["code"]), (json!(503), &json!("unavailable")));
        let request = Request::default();
        let Err(ChatError::Unavailable(cause)) = Route::of(&request, ROUTES) else { panic!("it found a route") };
        assert!(cause.to_string().contains("has no route"), "{cause}");
    }

    #[tokio::test]
    async fn a_function_of_one_route_serves_whatever_reaches_it() {
        assert_eq!(call(&ROUTES[..1], "$default").await, (json!(200), json!([])));
    }
}
