//! The table of functions: the other places of functions and routes must contain exactly its entries.

use functions::table::{Function, Route, TABLE, Trigger};
use tests::checklist::Places;
use tests::printed;

const POLL: Route = route("POST /live-chat/poll", "poll");

/// The routes of `like`, and one more.
const LIKE_AND_POLL: &[Route] =
    &[route("POST /live-chat/like", "like"), route("DELETE /live-chat/like", "unlike"), POLL];

/// A route that is not called.
const fn route(key: &'static str, handler: &'static str) -> Route {
    Route { key, handler, needs: &[], answer: |_, _, _| unreachable!() }
}

/// The table with an added function, which replaces one of the same name.
fn table_with(name: &'static str, routes: &'static [Route]) -> Vec<Function> {
    let others = TABLE.iter().filter(|function| function.name != name).copied();
    others.chain([Function { name, trigger: Trigger::Routes(routes), ..TABLE[0] }]).collect()
}

#[test]
fn every_function_and_every_route_is_in_all_its_places() {
    let missing = Places::read().missing(TABLE);
    assert!(missing.is_empty(), "what is still to be added:\n- {}\n", missing.join("\n- "));
}

#[test]
fn a_route_with_a_function_of_its_own_is_led_through_each_place_once() {
    assert_eq!(
        Places::read().missing(&table_with("poll", &[POLL])),
        [
            "functions/src/routes/poll.rs: the handler, whose first line is `//! `POST /live-chat/poll`: what it does`",
            "functions/src/bin/poll.rs: the line `functions::main!();`",
            "template.yaml: a function with `Binary: poll` and the route `POST /live-chat/poll`",
            "events/poll.json: a sample event with `\"routeKey\": \"POST /live-chat/poll\"`",
            "docs/openapi.yaml: `post` of the path `/live-chat/poll` with `operationId: poll`",
        ]
    );
}

#[test]
fn a_further_route_of_a_function_is_led_through_each_place_once() {
    assert_eq!(
        Places::read().missing(&table_with("like", LIKE_AND_POLL)),
        [
            "functions/src/routes/poll.rs: the handler, whose first line is `//! `POST /live-chat/poll`: what it does`",
            "template.yaml: the route `POST /live-chat/poll`, of the function `like`",
            "events/poll.json: a sample event with `\"routeKey\": \"POST /live-chat/poll\"`",
            "docs/openapi.yaml: `post` of the path `/live-chat/poll` with `operationId: poll`",
        ]
    );
}

#[test]
fn a_method_that_pages_of_other_sites_may_not_use_is_named() {
    let missing = Places::read().missing(&table_with("like", const { &[route("HEAD /live-chat/like", "like")] }));
    let cors = "template.yaml: `HEAD` in `allowMethods` of x-amazon-apigateway-cors";
    assert!(missing.iter().any(|line| line == cors), "{missing:#?}");
}

#[test]
fn what_a_place_has_and_the_table_lacks_is_named_with_the_place() {
    let table: Vec<Function> = TABLE.iter().filter(|f| !["ticket", "ws-message"].contains(&f.name)).copied().collect();
    let missing = Places::read().missing(&table);
    for place in [
        "the function `ticket`, which functions/src/bin/ticket.rs has",
        "the function `ticket`, which template.yaml has",
        "the route `POST /live-chat/ticket`, which template.yaml has",
        "the handler, which functions/src/routes/ticket.rs has",
        "a handler of the event `ticket`, which events/ticket.json has",
        "the route `POST /live-chat/ticket`, which docs/openapi.yaml has",
        "the function `ws-message`, which docs/asyncapi.yaml has",
    ] {
        let count = missing.iter().filter(|line| **line == format!("functions/src/table.rs: {place}")).count();
        assert_eq!(count, 1, "{place}: {missing:#?}");
    }
    assert!(missing.iter().all(|line| line.starts_with("functions/src/table.rs: ")), "{missing:#?}");
}

#[test]
fn the_list_of_functions_in_the_docs_is_the_table() {
    printed::check("docs/functions.md", "functions", &Places::read().list(TABLE));
}
