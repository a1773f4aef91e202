//! Every way to open a socket, and how it is refused.

use tests::socket::Socket;
use tests::world::World;

#[tokio::test]
async fn a_socket_is_refused_before_the_upgrade() {
    let world = World::start().await;
    let ann = world.user("ann");
    for token in ["", "YOUR_JWT_TOKEN", "a.b.c"] {
        assert_eq!(ann.with_token(token).try_to_connect("1").await.err(), Some(401), "{token:?}");
    }
    for session in ["999999", "0", "abc", "-1", "1%20", "99999999999999999999"] {
        assert_eq!(ann.try_to_connect(session).await.err(), Some(404), "{session}");
    }
    assert_eq!(ann.get("viewers").await.ok()["viewer_count"], 1, "refused sockets leave nothing");
}

#[tokio::test]
async fn a_token_may_come_as_a_subprotocol_of_which_only_its_name_is_echoed() {
    let world = World::with(&[("LIVE_CHAT_QUERY_TOKEN", "false")]).await;
    let ann = world.user("ann");
    assert_eq!(ann.try_to_connect("1").await.err(), Some(401), "the query is switched off");
    let url = format!("{}/live-chat/ws/1", world.gateway.url().replacen("http", "ws", 1));
    let Ok(mut socket) = Socket::open(&url, &["bearer", &ann.token]).await else {
        panic!("the subprotocol is refused")
    };
    assert_eq!(socket.subprotocol.as_deref(), Some("bearer"));
    assert_eq!(socket.say("hi").await["type"], "ack");
    assert_eq!(Socket::open(&url, &["bearer", "nonsense"]).await.err(), Some(401));
    assert_eq!(Socket::open(&url, &["bearer"]).await.err(), Some(401));
}

#[tokio::test]
async fn subprotocols_in_several_lines_count_as_joined() {
    let world = World::start().await;
    let ann = world.user("ann");
    let url = format!("{}/live-chat/ws/1", world.gateway.url().replacen("http", "ws", 1));
    let ticket = ann.ticket().await;
    for lines in [["bearer", &ann.token], ["bearer,", &format!(", {}", ann.token)], ["ticket", &ticket]] {
        let Ok(mut socket) = Socket::open_with_lines(&url, &lines).await else { panic!("{} is refused", lines[0]) };
        assert_eq!(socket.subprotocol.as_deref(), Some(lines[0].trim_end_matches(',')));
        assert_eq!(socket.say("hi").await["type"], "ack");
    }
    assert_eq!(Socket::open_with_lines(&url, &[&ann.token, "bearer"]).await.err(), Some(401), "the other way round");
    assert_eq!(Socket::open_with_lines(&url, &["bearer", "nonsense"]).await.err(), Some(401));
}
