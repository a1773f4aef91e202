//! Tokens as identity providers issue them, with the settings that fit them, and tokens of the operator's own servers.

use jsonwebtoken::Algorithm::HS256;
use reqwest::Method;
use serde_json::{Value, json};
use tests::jwt::by_secret;
use tests::key_server::{ARN, KeyServer};
use tests::rest::User;
use tests::world::{SECRET, World};

/// The secret of services.
const SERVICES: &str = "a secret of the tests' services";

/// A provider's settings, its claims as its documentation shows them, and the name that the chat shows.
struct Sample {
    provider: &'static str,
    settings: &'static [(&'static str, &'static str)],
    claims: Value,
    name: &'static str,
}

fn samples() -> [Sample; 4] {
    const COGNITO: &[(&str, &str)] = &[
        ("JWT_ISSUER", "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example"),
        ("JWT_AUDIENCE", "xxxxxxxxxxxxexample"),
        ("JWT_ROLES_CLAIM", "/cognito:groups"),
        ("JWT_ROLE_MAP", r#"{"chat-mods":"moderator"}"#),
    ];
    let issuer = COGNITO[0].1;
    [
        Sample {
            provider: "Cognito, ID token",
            settings: COGNITO,
            claims: json!({"sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["test-group-a", "chat-mods"],
                "email_verified": true, "cognito:preferred_role": "arn:aws:iam::111122223333:role/my-test-role", "iss": issuer,
                "cognito:username": "my-test-user", "name": "Jane", "nonce": "abcdefg", "aud": "xxxxxxxxxxxxexample",
                "origin_jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "token_use": "id", "auth_time": 1_676_312_777,
                "jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "email": "my-test-user@example.com"}),
            name: "Jane",
        },
        Sample {
            provider: "Cognito, access token",
            settings: COGNITO,
            claims: json!({"sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "device_key": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
                "cognito:groups": ["chat-mods"], "iss": issuer, "version": 2, "client_id": "xxxxxxxxxxxxexample",
                "origin_jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "event_id": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
                "token_use": "access", "scope": "phone openid profile", "auth_time": 1_676_313_851,
                "jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "username": "my-test-user"}),
            name: "my-test-user",
        },
        Sample {
            provider: "Auth0, whose name is often the address",
            settings: &[
                ("JWT_ISSUER", "https://example.us.auth0.com/"),
                ("JWT_AUDIENCE", "https://chat.example.org"),
                ("JWT_ROLES_CLAIM", "/https:~1~1example.org~1roles"),
                ("JWT_NAME_CLAIM", "/nickname"),
                ("JWT_ROLE_MAP", r#"{"Chat Moderator":"moderator","Show Host":"host"}"#),
            ],
            claims: json!({"https://example.org/roles": ["Chat Moderator", "editor"], "nickname": "jane",
                "name": "jane@example.org", "picture": "https://s.gravatar.com/avatar/0.png", "email": "jane@example.org",
                "updated_at": "2026-01-01T00:00:00.000Z", "iss": "https://example.us.auth0.com/",
                "sub": "auth0|507f1f77bcf86cd799439020", "aud": ["https://chat.example.org", "https://example.us.auth0.com/userinfo"],
                "azp": "my_client_id", "scope": "openid profile", "sid": "1"}),
            name: "jane",
        },
        Sample {
            provider: "Keycloak",
            settings: &[
                ("JWT_ISSUER", "https://id.example.org/realms/shows"),
                ("JWT_AUDIENCE", "live-chat"),
                ("JWT_ROLES_CLAIM", "/realm_access/roles"),
                ("JWT_NAME_CLAIM", "/preferred_username"),
                ("JWT_ROLE_MAP", r#"{"chat-mods":"moderator"}"#),
            ],
            claims: json!({"jti": "onrtac:1", "iss": "https://id.example.org/realms/shows", "aud": ["live-chat", "account"],
                "sub": "e2a0c1a4-97a8-4c3e-b6c4-9e6a3c4ed6a4", "typ": "Bearer", "azp": "web", "sid": "1", "acr": "1",
                "allowed-origins": ["https://example.org"],
                "realm_access": {"roles": ["default-roles-shows", "offline_access", "chat-mods", "uma_authorization"]},
                "resource_access": {"account": {"roles": ["manage-account", "view-profile"]}},
                "scope": "openid profile email", "email_verified": false, "name": "Jane Doe",
                "preferred_username": "jane", "given_name": "Jane", "family_name": "Doe", "email": "jane@example.org"}),
            name: "jane",
        },
    ]
}

/// A user with these claims, signed with this secret.
fn user_of(world: &World, secret: &str, mut claims: Value) -> User {
    let now = world.clock.now().as_second();
    let more = json!({"exp": now + 300, "iat": now});
    for (name, value) in more.as_object().expect("an object") {
        claims.as_object_mut().expect("an object").entry(name).or_insert(value.clone());
    }
    world.user("x").with_token(&by_secret(secret.as_bytes(), HS256, &claims))
}

#[tokio::test]
async fn tokens_of_known_providers_bring_their_names_and_roles() {
    for Sample { provider, settings, claims, name } in samples() {
        let world = World::with(settings).await;
        let jane = user_of(&world, SECRET, claims.clone());
        jane.send("hello").await.ok();
        assert_eq!(jane.get("messages").await.ok()["messages"][0]["username"], name, "{provider}");
        let told = jane.get("status").await.ok();
        assert_eq!(told["capabilities"], json!(["read", "send", "react", "announce", "moderate"]), "{provider}");
        let mut other = claims.clone();
        other["sub"] = json!("another");
        user_of(&world, SECRET, other.clone()).delete("messages/100000001").await.ok();
        // The same one without the role.
        jane.send("hello again").await.ok();
        let viewer: Value = serde_json::from_str(
            &other.to_string().replace("chat-mods", "chat-fans").replace("Chat Moderator", "Chat Fan"),
        )
        .expect("JSON");
        let viewer = user_of(&world, SECRET, viewer);
        assert_eq!(viewer.get("status").await.ok().get("capabilities"), None, "{provider}");
        let refused = viewer.delete("messages/100000002").await;
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{provider}");
        // Another application of the same provider.
        let foreign =
            claims.to_string().replace("xxxxxxxxxxxxexample", "other").replace("https://chat.example.org", "other");
        let foreign: Value = serde_json::from_str(&foreign.replace("\"live-chat\"", "\"other\"")).expect("JSON");
        assert_eq!(user_of(&world, SECRET, foreign).get("status").await.status, 401, "{provider}");
    }
}

/// Claims of a service.
fn service() -> Value {
    json!({"sub": "billing", "aud": "live-chat-service"})
}

#[tokio::test]
async fn services_have_a_secret_of_their_own_and_are_no_viewers() {
    let world =
        World::with(&[("LIVE_CHAT_SERVICE_SECRET", SERVICES), ("JWT_AUDIENCE", "chat"), ("JWT_ISSUER", "me")]).await;
    let billing = user_of(&world, SERVICES, service());
    billing.send("to be deleted").await.ok();
    billing.connect().await.close(1000).await;
    assert_eq!(billing.get("viewers").await.ok()["viewer_count"], 0);
    let user = json!({"sub": "ann", "aud": "chat", "iss": "me"});
    let ann = user_of(&world, SECRET, user.clone());
    ann.send("hello").await.ok();
    assert_eq!(ann.get("viewers").await.ok()["viewer_count"], 1, "ann alone");
    billing.delete("messages/100000002").await.ok();
    let now = world.clock.now().as_second();
    let with = |claims: Value| {
        let mut all = service();
        all.as_object_mut().expect("an object").extend(claims.as_object().expect("an object").clone());
        all
    };
    for (secret, claims) in [
        (SECRET, service()),
        (SECRET, with(json!({"aud": ["chat", "live-chat-service"], "iss": "me"}))),
        (SERVICES, user),
        (SERVICES, with(json!({"aud": "chat", "iss": "me"}))),
        (SERVICES, json!({"sub": "billing", "client_id": "live-chat-service"})),
        (SERVICES, with(json!({"iat": null}))),
        (SERVICES, with(json!({"exp": now + 301, "iat": now}))),
        (SERVICES, with(json!({"capabilities": "all"}))),
    ] {
        let refused = user_of(&world, secret, claims.clone());
        assert_eq!(refused.get("status").await.problem(), (401, "unauthorized".to_owned()), "{claims} by {secret}");
        assert_eq!(refused.try_to_connect("1").await.err(), Some(401), "{claims} by {secret}");
    }
    let reader = user_of(&world, SERVICES, with(json!({"capabilities": ["read"]})));
    assert_eq!(reader.get("viewers").await.ok()["viewer_count"], 1, "ann alone");
    assert_eq!(reader.send("no").await.problem(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn a_service_acts_for_a_person_whom_the_log_names() {
    let world = World::with(&[("LIVE_CHAT_SERVICE_SECRET", SERVICES)]).await;
    let (billing, mona) = (user_of(&world, SERVICES, service()), world.moderator());
    let act = |user: &User, person: Value| {
        let mut body = json!({"action": "timeout", "user_id": "bob", "seconds": 60});
        body.as_object_mut().expect("an object").extend((!person.is_null()).then(|| ("acting_for".to_owned(), person)));
        let user = user.clone();
        async move { user.call(Method::POST, "moderation/actions", Some(body.to_string())).await }
    };
    let entry = act(&billing, json!({"user_id": "olga", "username": " Olga\tO. "})).await.ok();
    assert_eq!(entry["actor"], json!({"user_id": "olga", "username": "Olga O."}));
    assert_eq!((&entry["via"], &entry["actor_type"]), (&json!("service"), &json!("user")));
    assert_eq!(mona.get("moderation/actions?actor=olga").await.ok()["actions"], json!([entry]));
    let own = act(&billing, Value::Null).await.ok();
    assert_eq!((&own["actor"]["user_id"], own.get("via")), (&json!("billing"), None));
    assert_eq!(act(&mona, json!({"user_id": "olga"})).await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(act(&billing, json!("olga")).await.problem(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn without_a_secret_of_services_there_are_none() {
    let world = World::start().await;
    for secret in [SECRET, SERVICES, ""] {
        assert_eq!(user_of(&world, secret, service()).get("status").await.status, 401, "{secret:?}");
    }
}

#[tokio::test]
async fn the_secret_of_services_may_be_a_stored_one_beside_any_key_of_users() {
    let (server, url) = KeyServer::start().await;
    server.rotate(SERVICES);
    let settings = [("LIVE_CHAT_SERVICE_SECRET_ARN", ARN), ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &url)];
    let world = World::with(&settings).await;
    assert_eq!(user_of(&world, SERVICES, service()).get("status").await.status, 200);
    assert_eq!(user_of(&world, SECRET, service()).get("status").await.status, 401);
    assert_eq!(user_of(&world, SERVICES, json!({"sub": "ann"})).get("status").await.status, 401);
    assert_eq!(user_of(&world, SECRET, json!({"sub": "ann"})).get("status").await.status, 200);
}
