//! What people paste, by REST and by socket alike (docs/contract.md, Texts and names).

use gateway::token::Claims;
use serde_json::{Value, json};
use shared::domain::text::message_text::MessageText;
use tests::process::command;
use tests::schemas::rest::{RestCall, allows_body};
use tests::world::World;

/// The texts of the latest messages, the oldest first.
async fn latest(world: &World, count: usize) -> Vec<String> {
    let page = world.user("reader").get(&format!("messages?limit={count}")).await.ok();
    let text = |message: &Value| message["message"].as_str().expect("a text").to_owned();
    page["messages"].as_array().expect("a list").iter().map(text).collect()
}

#[tokio::test]
async fn what_is_pasted_is_cleaned_and_taken() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    for (pasted, cleaned) in [
        ("one\r\ntwo\r\n".to_owned(), "one\ntwo".to_owned()),
        ("title\u{b}subtitle".to_owned(), "title\nsubtitle".to_owned()),
        ("it\u{92}s".to_owned(), "its".to_owned()),
        ("a\u{2028}b\u{2029}c\u{85}d\u{c}e\rf".to_owned(), "a\nb\nc\nd\ne\nf".to_owned()),
        ("\u{1b}[31mred\u{7}\u{7f}\tx".to_owned(), "[31mred\tx".to_owned()),
        (format!("far{}away", "\n".repeat(400)), "far\n\n\naway".to_owned()),
        (format!("far{}away", "\u{3164}\r\n".repeat(40)), "far\u{3164}\n\u{3164}\n\u{3164}\naway".to_owned()),
        ("\u{202e}turned\u{2067}".to_owned(), "\u{202e}turned\u{2067}\u{2069}\u{202c}".to_owned()),
        (format!("Z{}algo", "\u{301}".repeat(500)), format!("Z{}algo", "\u{301}".repeat(8))),
        ("❤️ 👩‍👩‍👧 می\u{200c}خواهم".to_owned(), "❤️ 👩‍👩‍👧 می\u{200c}خواهم".to_owned()),
    ] {
        ann.send(&pasted).await.ok();
        assert_eq!(socket.say(&pasted).await["type"], "ack", "{pasted:?}");
        assert_eq!(latest(&world, 2).await, [cleaned.as_str(), &cleaned], "{pasted:?}");
    }
}

#[tokio::test]
async fn a_text_without_anything_to_see_is_refused_and_nothing_is_stored() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    for text in [
        "",
        " \t\r\n",
        "\u{3164}",
        "\u{2800}",
        "\u{ad}",
        "\u{200b}",
        "\u{115f}\u{1160}",
        "\u{feff}",
        "\u{ffa0}",
        "\u{200d}\u{fe0f}",
        "\u{202e}\u{202c}",
        "\u{2028}\u{2029}",
        "\u{34f}\u{180e}\u{61c}",
        "\u{e0067}\u{e007f}",
        "\u{92}",
        "seen\u{0}",
    ] {
        assert_eq!(ann.send(text).await.problem(), (400, "invalid_message".to_owned()), "{text:?}");
        let refused = socket.ask(&json!({"type": "message", "message": text, "client_message_id": "k"})).await;
        assert_eq!(
            (&refused["code"], &refused["client_message_id"]),
            (&json!("invalid_message"), &json!("k")),
            "{text:?}"
        );
    }
    assert!(latest(&world, 1).await.is_empty());
}

#[tokio::test]
async fn the_limit_counts_the_cleaned_text() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGE_LENGTH", "10")]).await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    let fits = format!("\r\n{}\u{92}\r\n", "1234\r\n67890");
    ann.send(&fits).await.ok();
    assert_eq!(socket.say(&fits).await["type"], "ack");
    assert_eq!(latest(&world, 2).await, ["1234\n67890", "1234\n67890"]);
    let expected = "The message has 11 characters; at most 10 are allowed";
    let refused = ann.send("12345\r\n67890").await;
    assert_eq!(
        (refused.status, &refused.json["code"], &refused.json["detail"]),
        (400, &json!("invalid_message"), &json!(expected))
    );
    assert_eq!(socket.say("12345\r\n67890").await["message"], expected);
}

/// Whatever the document allows is taken, and whatever it forbids is refused.
#[test]
fn the_document_says_of_every_character_whether_it_can_be_seen() {
    // The planes above hold ideographs and private use, and tags.
    let characters = (0..0x2_0000).chain(0xe_0000..0xe_1100).filter_map(char::from_u32);
    for c in characters {
        let body = json!({"message": c.to_string()}).to_string();
        let call = RestCall { method: "POST", path: "/live-chat/send-message", body: Some(body.as_bytes()) };
        let is_documented = allows_body(&call).is_ok();
        assert_eq!(MessageText::parse(&c.to_string(), 10).is_ok(), is_documented, "U+{:04X}", u32::from(c));
    }
}

#[tokio::test]
async fn the_doors_of_development_tokens_clean_names_too() {
    let world = World::start().await;
    let ask = async |body: Value| {
        let url = format!("{}/dev/token", world.gateway.url());
        tests::rest::answer(world.http().post(url).header("host", "localhost").json(&body)).await
    };
    for (sub, id) in [(json!("dev-1"), "dev-1"), (json!(42), "42"), (json!(42.0), "42")] {
        let answer = ask(json!({"name": "\u{202e}Ali\u{200b}ce\n", "sub": sub})).await.ok();
        assert_eq!(answer["user_id"], id);
        let alice = world.user("x").with_token(answer["token"].as_str().expect("a token"));
        alice.send("hi").await.ok();
        let message = alice.get("messages?limit=1").await.ok()["messages"][0].clone();
        assert_eq!((&message["username"], &message["user_id"]), (&json!("Alice"), &json!(id)));
    }
    for body in [
        json!({"name": "\u{3164}"}),
        json!({"name": 7}),
        json!({"name": "A", "sub": "a".repeat(256)}),
        json!({"name": "A", "sub": 1.5}),
    ] {
        assert_eq!(ask(body.clone()).await.problem(), (400, "invalid_request".to_owned()), "{body}");
    }
}

#[tokio::test]
async fn the_token_command_refuses_what_nobody_would_see() {
    for (option, value, word) in [
        ("--name", "\u{200b}", "something to see"),
        ("--badge", "\u{3164}", "something to see"),
        ("--picture", "http://example.org/a.png", "https"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = ["token", "--sub", "ann", option, value];
        let output = command().arg("--data").arg(folder.path()).args(arguments).output().await.expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && output.stdout.is_empty() && said.contains(word), "{option}: {said}");
    }
}

#[tokio::test]
async fn two_nameless_users_have_two_names_that_stay_theirs() {
    let world = World::start().await;
    let nameless = |sub: &str| world.user_with(Claims { sub: sub.to_owned(), ..Claims::default() });
    let name_of = async |sub: &str| {
        nameless(sub).send("hi").await.ok();
        nameless(sub).get("messages?limit=1").await.ok()["messages"][0]["username"].as_str().expect("a name").to_owned()
    };
    let (ann, bob) = (name_of("ann").await, name_of("bob").await);
    assert_eq!((ann.as_str(), name_of("ann").await), ("User-49915e", ann.clone()));
    assert_ne!(ann, bob);
}
