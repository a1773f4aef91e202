//! How a line of the table becomes a function.

/// `http!("function", "GET /path" => handler: [Read], …)`: a function with its routes, whose handlers are modules of `routes`, and the
/// capabilities one of which each route needs.
macro_rules! http {
    ($name:literal, $($key:literal => $handler:ident: [$($capability:ident),*]),+ $(,)?) => {{
        const ROUTES: &[$crate::function::Route] = &[$($crate::function::Route {
            key: $key,
            handler: stringify!($handler),
            needs: &[$(shared::domain::caller::Capability::$capability),*],
            answer: |app, caller, request| {
                Box::pin(async move {
                    shared::lambda::reply::of($crate::routes::$handler::handle(app, caller, request).await)
                })
            },
        }),+];
        $crate::function::Function {
            name: $name,
            trigger: $crate::function::Trigger::Routes(ROUTES),
            main: || $crate::runtime::serve_http(ROUTES),
            invoke: |app, payload, context| Box::pin($crate::in_process::http(ROUTES, app, payload, context)),
        }
    }};
}

/// `hook!("function", "$key" => handler)`: a function of the WebSocket API, whose handler is a module of `hooks`.
macro_rules! hook {
    ($name:literal, $key:literal => $handler:ident) => {
        $crate::table::entry::event!(
            $name,
            $crate::function::Trigger::Hook { key: $key, handler: stringify!($handler) },
            |app, event| {
                Box::pin(async move {
                    let event = event.payload;
                    Ok(shared::lambda::websocket::serve(&event, $crate::hooks::$handler::handle(app, &event)).await)
                })
            }
        )
    };
}

/// `job!("function", handler)`: a function for any other event, whose handler is a module of `jobs`.
macro_rules! job {
    ($name:literal, $handler:ident) => {
        $crate::table::entry::event!(
            $name,
            $crate::function::Trigger::Job { handler: stringify!($handler) },
            |app, event| {
                let deadline = $crate::runtime::deadline(&event.context);
                Box::pin($crate::jobs::$handler::handle(app, event.payload, deadline))
            }
        )
    };
}

macro_rules! event {
    ($name:literal, $trigger:expr, $handle:expr) => {
        $crate::function::Function {
            name: $name,
            trigger: $trigger,
            main: || $crate::runtime::serve($handle),
            invoke: |app, payload, context| Box::pin($crate::in_process::event($handle, app, payload, context)),
        }
    };
}

pub(crate) use {event, hook, http, job};
