//! `$connect`: a handshake is accepted or refused before the upgrade.

use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::sockets::dispatch::Handshake;
use shared::lambda::app::App;
use shared::lambda::origin;
use shared::lambda::websocket::{Reply, SocketEvent, connection_id};

/// The subprotocols that carry a token or a ticket: a browser cannot set headers on a socket.
const BEARER: &str = "bearer";
const TICKET: &str = "ticket";

/// A handshake's proof of its caller.
enum Credential {
    Token(String),
    Ticket(String),
}

/// Answers one event.
pub async fn handle(app: &App, event: &SocketEvent) -> Reply {
    let (credential, subprotocol) = credential(app, event);
    let outcome = open(app, event, credential).await;
    Reply::to_handshake(outcome.map(|()| subprotocol))
}

async fn open(app: &App, event: &SocketEvent, credential: Option<Credential>) -> Result<(), ChatError> {
    origin::check(&app.chat.config.origin, &event.headers)?;
    let caller: Caller = match credential {
        Some(Credential::Token(token)) => app.verifier.verify(&token, app.chat.clock.now()).await?,
        Some(Credential::Ticket(ticket)) => app.chat.redeem_ticket(&ticket, connection_id(event)).await?,
        None => return Err(ChatError::Unauthorized("Bring a token or a ticket".to_owned())),
    };
    let query = |name: &str| event.query_string_parameters.first(name).unwrap_or_default().to_owned();
    let handshake = Handshake {
        connection_id: connection_id(event).to_owned(),
        session_id: query("session_id"),
        caller: origin::located(&app.chat.config, caller, &event.headers),
        connected_ms: app.chat.clock.now().as_millisecond(),
        batch: query("batch") == "1",
    };
    app.chat.open_socket(handshake).await
}

/// What a handshake brings, and the subprotocol to agree on. The query comes first, as the guide does it; the first thing that is
/// there decides, whether it is good or not.
fn credential(app: &App, event: &SocketEvent) -> (Option<Credential>, Option<&'static str>) {
    let offered = list_header(event, "sec-websocket-protocol");
    let mut offered = offered.iter().copied();
    let (by_subprotocol, subprotocol) = match (offered.next(), offered.next()) {
        (Some(BEARER), Some(token)) => (Some(Credential::Token(token.to_owned())), Some(BEARER)),
        (Some(TICKET), Some(ticket)) => (Some(Credential::Ticket(ticket.to_owned())), Some(TICKET)),
        _ => (None, None),
    };
    let query = |name: &str| event.query_string_parameters.first(name).map(str::to_owned);
    let token = query("token").filter(|_| app.chat.config.sockets.query_token).map(Credential::Token);
    (token.or_else(|| query("ticket").map(Credential::Ticket)).or(by_subprotocol), subprotocol)
}

/// The members of a header that is a list. Its lines count as one, and empty members as none (RFC 9110, 5.3 and 5.6.1).
fn list_header<'a>(event: &'a SocketEvent, name: &'static str) -> Vec<&'a str> {
    // `headers` has the last line alone.
    let lines = if event.multi_value_headers.contains_key(name) { &event.multi_value_headers } else { &event.headers };
    let lines = lines.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|member| !member.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What a handshake offers whose event has these headers.
    fn offered(headers: &Value, multi_value_headers: &Value) -> Vec<String> {
        let mut event: Value = serde_json::from_str(include_str!("../../../events/ws-connect.json")).expect("JSON");
        event["headers"] = headers.clone();
        event["multiValueHeaders"] = multi_value_headers.clone();
        let event: SocketEvent = serde_json::from_value(event).expect("an event");
        list_header(&event, "sec-websocket-protocol").into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn lines_of_a_list_are_joined_in_their_order() {
        let name = "Sec-WebSocket-Protocol";
        for lines in
            [&["bearer, a.b.c"][..], &["bearer", "a.b.c"], &["bearer,", ",a.b.c"], &["", "bearer,,a.b.c ", " "]]
        {
            let event = (json!({name: lines.last()}), json!({name: lines}));
            assert_eq!(offered(&event.0, &event.1), ["bearer", "a.b.c"], "{lines:?}");
        }
        assert_eq!(offered(&json!({name: "bearer, x"}), &json!({})), ["bearer", "x"]);
        assert!(offered(&json!({}), &json!({})).is_empty());
    }
}
