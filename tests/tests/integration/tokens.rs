//! Which tokens are accepted, and what their claims become.

use jsonwebtoken::Algorithm::{HS256, HS384, HS512};
use serde_json::{Value, json};
use tests::jwt::{KeyPair, Kind, by_secret};
use tests::socket::Socket;
use tests::world::{SECRET, World};

fn claims(world: &World, more: Value) -> Value {
    let mut claims = json!({"sub": "ann", "exp": world.clock.now().as_second() + 600});
    claims.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    claims
}

/// The statuses of a call and of a handshake with this token; the handshake sends it as a subprotocol, which allows longer tokens.
async fn statuses(world: &World, token: &str) -> (u16, u16) {
    let url = format!("{}/live-chat/ws/1", world.gateway.url().replacen("http", "ws", 1));
    let answer = world.user("x").with_token(token).get("status").await;
    if answer.status == 401 {
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        assert_eq!(answer.json["code"], "unauthorized");
    }
    let socket = Socket::open(&url, &["bearer", token]).await;
    (answer.status, socket.map_or_else(|status| status, |_| 101))
}

#[tokio::test]
async fn a_public_key_of_each_kind_verifies_its_own_tokens_and_no_others() {
    for kind in Kind::ALL {
        let (ours, theirs) = (KeyPair::generate(kind), KeyPair::generate(kind));
        let world = World::with(&[("JWT_SECRET", ""), ("JWT_PUBLIC_KEY", &ours.public_pem())]).await;
        let claims = claims(&world, json!({}));
        for algorithm in kind.algorithms() {
            let token = ours.sign(*algorithm, None, &claims);
            assert_eq!(statuses(&world, &token).await, (200, 101), "{algorithm:?}");
            let forged = theirs.sign(*algorithm, None, &claims);
            assert_eq!(statuses(&world, &forged).await, (401, 401), "another key with {algorithm:?}");
        }
        for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
            let pair = KeyPair::generate(other);
            for algorithm in other.algorithms() {
                let forged = pair.sign(*algorithm, None, &claims);
                assert_eq!(statuses(&world, &forged).await, (401, 401), "{algorithm:?} for {kind:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_public_key_is_no_secret_in_whatever_form() {
    for kind in Kind::ALL {
        let ours = KeyPair::generate(kind);
        let world = World::with(&[("JWT_SECRET", ""), ("JWT_PUBLIC_KEY", &ours.public_pem())]).await;
        let claims = claims(&world, json!({}));
        for (form, secret) in ours.published().iter().enumerate() {
            for algorithm in [HS256, HS384, HS512] {
                let forged = by_secret(secret, algorithm, &claims);
                assert_eq!(statuses(&world, &forged).await, (401, 401), "{kind:?}, form {form}, {algorithm:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_secret_verifies_all_three_hmacs_and_nothing_else() {
    let world = World::start().await;
    let claims = claims(&world, json!({}));
    for algorithm in [HS256, HS384, HS512] {
        assert_eq!(statuses(&world, &by_secret(SECRET.as_bytes(), algorithm, &claims)).await, (200, 101));
        for wrong in ["", "another secret", &SECRET[1..], &format!("{SECRET} ")] {
            let forged = by_secret(wrong.as_bytes(), algorithm, &claims);
            assert_eq!(statuses(&world, &forged).await, (401, 401), "{algorithm:?} {wrong:?}");
        }
    }
    for kind in Kind::ALL {
        for algorithm in kind.algorithms() {
            let forged = KeyPair::generate(kind).sign(*algorithm, None, &claims);
            assert_eq!(statuses(&world, &forged).await, (401, 401), "{algorithm:?}");
        }
    }
}

#[tokio::test]
async fn issuer_and_audience_are_checked_where_they_are_configured() {
    let world = World::with(&[("JWT_ISSUER", "https://issuer.example"), ("JWT_AUDIENCE", "chat")]).await;
    let status = async |more: Value| {
        let token = by_secret(SECRET.as_bytes(), HS256, &claims(&world, more));
        world.user("x").with_token(&token).get("status").await.status
    };
    let issuer = "https://issuer.example";
    assert_eq!(status(json!({"iss": issuer, "aud": "chat"})).await, 200);
    assert_eq!(status(json!({"iss": issuer, "aud": ["shop", "chat"]})).await, 200);
    for wrong in [json!({}), json!({"iss": issuer}), json!({"aud": "chat"}), json!({"iss": "x", "aud": "chat"})] {
        assert_eq!(status(wrong.clone()).await, 401, "{wrong}");
    }
    assert_eq!(status(json!({"iss": issuer, "aud": "shop"})).await, 401);
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute_on_both_sides() {
    let world = World::start().await;
    let now = world.clock.now().as_second();
    // The exact second of expiry is tested in the verifier's own tests, where the clock stands still.
    for (times, expected) in [
        (json!({"exp": now - 45}), (200, 101)),
        (json!({"exp": now - 60}), (401, 401)),
        (json!({"exp": now - 3600}), (401, 401)),
        (json!({"exp": now + 600, "nbf": now + 55}), (200, 101)),
        (json!({"exp": now + 600, "nbf": now + 80}), (401, 401)),
        (json!({"exp": now + 600, "nbf": now - 600}), (200, 101)),
    ] {
        let token = by_secret(SECRET.as_bytes(), HS256, &claims(&world, times.clone()));
        assert_eq!(statuses(&world, &token).await, expected, "{times}, now {now}");
    }
    let token = by_secret(SECRET.as_bytes(), HS256, &claims(&world, json!({"exp": now + 100, "nbf": now + 100})));
    assert_eq!(statuses(&world, &token).await, (401, 401), "not yet");
    world.pass(41);
    assert_eq!(statuses(&world, &token).await, (200, 101), "within the leeway before");
    world.pass(120);
    assert_eq!(statuses(&world, &token).await, (401, 401), "past the leeway after");
}

#[tokio::test]
async fn a_token_says_in_a_usable_way_whose_it_is_and_until_when() {
    let world = World::start().await;
    let exp = world.clock.now().as_second() + 600;
    let longest = "a".repeat(255);
    for (sub, id) in [
        (json!("a"), "a"),
        (json!(7), "7"),
        (json!(-7), "-7"),
        (json!(42.0), "42"),
        (json!(9_007_199_254_740_991.0), "9007199254740991"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!("é/#?%"), "é/#?%"),
        (json!(longest), &longest),
    ] {
        let user = world.user("x").with_token(&by_secret(SECRET.as_bytes(), HS256, &json!({"sub": sub, "exp": exp})));
        user.send("who am I?").await.ok();
        assert_eq!(user.get("messages?limit=1").await.ok()["messages"][0]["user_id"], id, "{sub}");
    }
    for exp in [json!(exp), json!(exp as f64 + 0.5), json!(i64::MAX)] {
        let token = by_secret(SECRET.as_bytes(), HS256, &json!({"sub": "a", "exp": exp}));
        assert_eq!(statuses(&world, &token).await, (200, 101), "{exp}");
    }
    let mut refused = vec![json!({"exp": exp}), json!({"sub": "a"}), json!({})];
    let subs = [json!(null), json!(""), json!(true), json!(1.5), json!(1e30), json!(["a"]), json!({"a": 1})];
    refused.extend(subs.map(|sub| json!({"sub": sub, "exp": exp})));
    refused.push(json!({"sub": "a".repeat(256), "exp": exp}));
    let ends = [json!(null), json!(true), json!("tomorrow"), json!(exp.to_string()), json!([exp]), json!({"at": exp})];
    refused.extend(ends.map(|exp| json!({"sub": "a", "exp": exp})));
    refused.extend([json!(0), json!(-exp), json!(i64::MIN), json!(1e300)].map(|exp| json!({"sub": "a", "exp": exp})));
    let starts = [json!("soon"), json!(true), json!([0]), json!(1e300)];
    refused.extend(starts.map(|nbf| json!({"sub": "a", "exp": exp, "nbf": nbf})));
    for claims in refused {
        let token = by_secret(SECRET.as_bytes(), HS256, &claims);
        assert_eq!(statuses(&world, &token).await, (401, 401), "{claims}");
    }
}

#[tokio::test]
async fn the_name_is_the_first_claim_that_says_one_and_never_of_the_email() {
    let world = World::start().await;
    let named =
        json!({"name": "Name", "preferred_username": "preferred", "username": "user", "email": "mail@example.org"});
    let mut claims = claims(&world, named);
    claims["sub"] = json!(7);
    for (claim, expected) in [
        ("name", "Name"),
        ("preferred_username", "preferred"),
        ("username", "user"),
        ("email", "User-790269"),
        ("", "User-790269"),
    ] {
        let user = world.user("x").with_token(&by_secret(SECRET.as_bytes(), HS256, &claims));
        user.send("who am I?").await.ok();
        let page = user.get("messages?limit=1").await.ok();
        let message = &page["messages"][0];
        assert_eq!((&message["username"], &message["user_id"]), (&json!(expected), &json!("7")), "{claim}");
        assert!(!message.to_string().contains("mail"), "{message}");
        claims.as_object_mut().unwrap().remove(claim);
    }
}

/// The name, badge and picture of a message sent by REST, and of one sent on a socket that a ticket opened.
async fn shown(world: &World, more: Value) -> [Value; 3] {
    let user = world.user("x").with_token(&by_secret(SECRET.as_bytes(), HS256, &claims(world, more)));
    let mut socket = match Socket::open(&user.ticket_url("1", &user.ticket().await), &[]).await {
        Ok(socket) => socket,
        Err(status) => panic!("the ticket was refused with {status}"),
    };
    user.send("by REST").await.ok();
    assert_eq!(socket.say("by socket").await["type"], "ack");
    let page = user.get("messages?limit=2").await.ok();
    let [by_rest, by_socket] =
        [0, 1].map(|at| ["username", "badge", "profile_pic"].map(|field| page["messages"][at][field].clone()));
    assert_eq!(by_rest, by_socket);
    by_rest
}

#[tokio::test]
async fn nothing_hides_in_a_name_and_a_claim_without_anything_to_see_counts_as_absent() {
    let world = World::start().await;
    let family = "👩‍👩‍👧‍👦";
    for (name, expected) in [
        ("\u{202e}ecilA", "ecilA".to_owned()),
        ("Ali\u{200b}ce", "Alice".to_owned()),
        ("Al\u{ad}i\u{2060}c\u{e0041}e\u{fe0f}", "Alice".to_owned()),
        (" Ann\r\n\u{b}Lee\u{92} ", "Ann Lee".to_owned()),
        ("Rene\u{301}", "René".to_owned()),
        ("می\u{200c}خواهم", "می\u{200c}خواهم".to_owned()),
        (family, family.to_owned()),
        (&format!("{}{family}", "x".repeat(95)), "x".repeat(95)),
    ] {
        assert_eq!(shown(&world, json!({"name": name})).await[0], expected, "{name:?}");
    }
    for absent in [
        json!("\u{200b}"),
        json!("\u{3164}\u{2800}"),
        json!("\u{202e}"),
        json!(" \n"),
        json!(7),
        json!(["Eve"]),
        json!(null),
    ] {
        let claims = json!({"name": absent, "preferred_username": absent, "username": "Next", "badge": absent, "picture": absent});
        assert_eq!(shown(&world, claims).await, [json!("Next"), json!(null), json!(null)], "{absent}");
    }
}

#[tokio::test]
async fn a_badge_is_cleaned_and_a_picture_is_an_address_of_https() {
    let world = World::start().await;
    assert_eq!(shown(&world, json!({"badge": "\u{200b}gold\u{202e}"})).await[1], "gold");
    for picture in
        ["http://example.org/p.png", "//example.org/p.png", "data:image/png;base64,AAAA", "javascript:alert(1)"]
    {
        assert_eq!(shown(&world, json!({"picture": picture})).await[2], json!(null), "{picture}");
    }
    let picture = "https://example.org/p.png";
    assert_eq!(shown(&world, json!({"picture": format!(" {picture}\n")})).await[2], picture);
}

#[tokio::test]
async fn roles_badge_and_picture_are_shown() {
    let world = World::start().await;
    for (badge, is_winner) in [
        (json!("gold"), true),
        (json!("silver"), true),
        (json!("bronze"), true),
        (json!("vip"), false),
        (json!(null), false),
    ] {
        let more = json!({"badge": badge, "roles": ["host"], "picture": "https://example.org/p.png"});
        let user = world.user("x").with_token(&by_secret(SECRET.as_bytes(), HS256, &claims(&world, more)));
        user.send("look").await.ok();
        let message = user.get("messages?limit=1").await.ok()["messages"][0].clone();
        assert_eq!((&message["badge"], &message["is_winner"]), (&badge, &json!(is_winner)));
        assert_eq!((&message["is_host"], &message["profile_pic"]), (&json!(true), &json!("https://example.org/p.png")));
    }
}

#[tokio::test]
async fn capabilities_that_are_no_array_are_refused_and_unknown_ones_ignored() {
    let world = World::start().await;
    for (capabilities, expected) in [
        (json!(["uncounted", "read"]), (200, 101)),
        (json!(["read", "of a later version", 7]), (200, 101)),
        (json!(["uncounted"]), (200, 403)),
        (json!([]), (200, 403)),
        (json!(["of a later version", 7]), (200, 403)),
        (json!("uncounted"), (401, 401)),
        (json!(null), (401, 401)),
        (json!({"uncounted": true}), (401, 401)),
    ] {
        let token = by_secret(SECRET.as_bytes(), HS256, &claims(&world, json!({"capabilities": capabilities.clone()})));
        assert_eq!(statuses(&world, &token).await, expected, "{capabilities}");
    }
}
