//! Which claims a token gets, and which it does not get.

use clap::Parser;

use super::Claims;
use crate::cli::settings::{Cli, Command};

fn token(arguments: &[&str]) -> Result<Claims, String> {
    let cli = Cli::try_parse_from([&["gateway", "token", "--sub", "ann"], arguments].concat());
    match cli.map_err(|error| error.to_string())?.command {
        Some(Command::Token(token)) => token.claims(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_holds_what_it_is_told() {
    let claims = token(&[
        "--capability",
        "read",
        "--capability",
        "send,react",
        "--session",
        "1",
        "--session",
        "main",
        "--attribute",
        "team=red",
        "--attribute",
        "motto=a=b",
        "--member",
        "--role",
        "host",
        "--account-created",
        "1700000000",
        "--service",
    ])
    .unwrap();
    assert_eq!(
        serde_json::to_value(claims).unwrap(),
        serde_json::json!({"sub": "ann", "roles": ["host", "member"], "capabilities": ["read", "send", "react"],
            "sessions": ["1", "main"], "attributes": {"team": "red", "motto": "a=b"},
            "account_created": "2023-11-14T22:13:20Z", "aud": "live-chat-service"})
    );
    assert_eq!(token(&["--capabilities", "uncounted,read"]).unwrap().capabilities, ["uncounted", "read"]);
    assert_eq!(serde_json::to_value(token(&[]).unwrap()).unwrap(), serde_json::json!({"sub": "ann"}));
}

#[test]
fn a_token_that_the_chat_would_not_take_as_it_is_is_not_made() {
    let long = format!("a={}", "x".repeat(1024));
    for (arguments, sentence) in [
        (&["--capability", "fly"][..], "a capability is one of read, send, react"),
        (&["--attribute", "team"], "an attribute is NAME=VALUE"),
        (&["--attribute", "=red"], "an attribute is NAME=VALUE"),
        (&["--attribute", &long], "1,024 bytes in all"),
        (&["--account-created", "yesterday"], "a time is as in"),
        (&["--issued-at", "soon"], "a time is as in"),
        (&["--service", "--ttl", "6m"], "5m at most"),
    ] {
        let refusal = token(arguments).unwrap_err();
        assert!(refusal.contains(sentence), "{refusal}");
    }
}
