//! The reader of template.yaml. Any text gives a template or an error, the same each time; the parts of a template are consistent.
#![no_main]

// The module needs no other part of the gateway, which would pull in SQLite and all the APIs.
#[allow(dead_code, unused_imports)]
#[path = "../../gateway/src/cloud/template/mod.rs"]
mod template;

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use template::Template;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = Template::parse(text);
    assert_eq!(read, Template::parse(text), "the same text is the same template");
    let template = match read {
        Ok(template) => template,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let routes = template.http_routes.iter().map(|route| &route.function);
    let sockets = template.websocket.routes.values();
    let mappings = template.event_source_mappings.iter().map(|mapping| &mapping.function);
    let schedules = template.schedules.iter().map(|schedule| &schedule.function);
    for function in routes.chain(sockets).chain(mappings).chain(schedules) {
        assert!(template.functions.contains_key(function), "{function:?} is called, but is no function");
    }
    for key in &template.websocket.route_responses {
        assert!(template.websocket.routes.contains_key(key), "{key:?} is answered, but is no route");
    }
    assert!(template.http_routes.iter().all(|route| route.method == route.method.to_uppercase()));
    assert!(template.schedules.iter().all(|schedule| schedule.every >= Duration::from_secs(60)));
});
