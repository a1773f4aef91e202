//! The budgets of a user (docs/contract.md, Limits): frames, handshakes, tickets and pages in a minute.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::domain::budget::{Budget, STRIDE};
use tests::engines;
use tests::rest::{Answer, User};
use tests::socket::Socket;
use tests::world::World;

/// The first second of a minute, so that it does not end in the middle of a test.
const BEGIN: &str = "2030-01-01T00:00:01Z";
/// How many seconds a test may take before its refusal: the clock goes on.
const SLOWNESS: u64 = 30;
const DEFAULTS: [(&str, &str); 3] = [
    ("LIVE_CHAT_HANDSHAKES_PER_MINUTE", "120"),
    ("LIVE_CHAT_TICKETS_PER_MINUTE", "120"),
    ("LIVE_CHAT_PAGES_PER_MINUTE", "300"),
];

fn begin() -> Timestamp {
    BEGIN.parse().expect("a time")
}

/// A world with the limits' defaults whose functions are this one process, whatever the engine of the other tests is.
async fn one_process() -> World {
    World::start_on(gateway::EngineMode::InProcess, begin(), &DEFAULTS, |_| {}).await
}

/// Checks a refusal over REST, and that it says when the next call passes: at the end of the minute.
fn assert_refused(answer: Answer, seconds: u64) {
    let retry_after = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((seconds.saturating_sub(SLOWNESS)..=seconds).contains(&retry_after), "{retry_after}, not {seconds}");
    let (status, code) = answer.problem();
    assert_eq!((status, code.as_str()), (429, "rate_limited"));
}

/// Checks a refusal on a socket.
fn assert_refused_frame(answer: &Value, milliseconds: u64) {
    assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("rate_limited")));
    let retry_after = answer["retry_after_ms"].as_u64().expect("milliseconds");
    assert!(
        (milliseconds - 1000 * SLOWNESS..=milliseconds).contains(&retry_after),
        "{retry_after}, not {milliseconds}"
    );
}

async fn resume(socket: &mut Socket) -> Value {
    socket.ask(&json!({"type": "resume", "after": 0})).await
}

#[tokio::test]
async fn a_hundred_and_twenty_tickets_a_minute_and_no_more_which_costs_no_socket() {
    let world = one_process().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut socket = ann.connect().await;
    for _ in 0..120 {
        ann.ticket().await;
    }
    assert_refused(ann.post("ticket").await, 59);
    world.pass(20);
    assert_refused(ann.post("ticket?session_id=1").await, 39);
    bob.ticket().await;
    assert_eq!(socket.say("my socket stays").await["type"], "ack");
    let _other = ann.connect().await;
    world.pass(39);
    ann.ticket().await;
}

#[tokio::test]
async fn a_hundred_and_twenty_handshakes_a_minute_and_the_next_ticket_tells_why_there_are_no_more() {
    let world = one_process().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    // Whether a handshake succeeds does not matter: there is no session 999999.
    for _ in 0..119 {
        assert_eq!(ann.try_to_connect("999999").await.err(), Some(404));
    }
    let ticket = ann.ticket().await;
    let mut socket = ann.connect().await;
    assert_eq!(ann.try_to_connect("1").await.err(), Some(429));
    assert_eq!(Socket::open(&ann.ticket_url("1", &ticket), &[]).await.err(), Some(429), "nor with a ticket");
    assert_refused(ann.post("ticket?session_id=1").await, 59);
    assert_eq!(bob.ticket().await.len(), 43);
    bob.connect().await;
    assert_eq!(socket.say("my socket stays").await["type"], "ack");
    world.pass(59);
    assert!(ann.post("ticket?session_id=1").await.ok()["ticket"].is_string());
    ann.connect().await;
}

#[tokio::test]
async fn pages_and_resumes_count_together_and_a_refused_resume_leaves_the_socket() {
    let world = one_process().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut socket = ann.connect().await;
    for _ in 0..260 {
        ann.get("messages?limit=1").await.ok();
    }
    for _ in 0..40 {
        assert_eq!(resume(&mut socket).await["type"], "resumed");
    }
    assert_refused_frame(&resume(&mut socket).await, 59_000);
    assert_refused(ann.get("messages").await, 59);
    assert_eq!(ann.get("messages?limit=0").await.problem().0, 400, "a wrong request is told so");
    assert_eq!(socket.say("my socket stays").await["type"], "ack");
    bob.get("messages").await.ok();
    world.pass(59);
    ann.get("messages").await.ok();
    assert_eq!(resume(&mut socket).await["type"], "resumed");
}

#[tokio::test]
async fn a_user_who_reconnects_six_times_gets_sixty_frames_and_not_three_hundred_and_sixty() {
    let world = one_process().await;
    let (ann, mut bob) = (world.user("ann"), world.user("bob").connect().await);
    let mut pongs = 0;
    for _ in 0..6 {
        let mut socket = ann.connect().await;
        for _ in 0..20 {
            let answer = socket.ask(&json!({"type": "ping"})).await;
            if answer["type"] == "pong" {
                pongs += 1;
            } else {
                assert_refused_frame(&answer, 59_000);
                // Each socket that goes on is closed, also the sixth one.
                assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1000));
                break;
            }
        }
    }
    assert_eq!(pongs, 60);
    assert_eq!(bob.say("unharmed").await["type"], "ack");
    world.pass(59);
    assert_eq!(ann.connect().await.ask(&json!({"type": "ping"})).await["type"], "pong", "a new minute");
}

#[tokio::test]
async fn an_honest_viewer_who_reconnects_every_five_seconds_or_reads_two_hundred_pages_is_never_refused() {
    let world = one_process().await;
    let ann = world.user("ann");
    for _ in 0..24 {
        // What the client does: a ticket, a socket, a ping, a resume; then it asks why its socket was lost.
        let mut socket = match Socket::open(&ann.ticket_url("1", &ann.ticket().await), &[]).await {
            Ok(socket) => socket,
            Err(status) => panic!("refused with {status}"),
        };
        assert_eq!(socket.ask(&json!({"type": "ping"})).await["type"], "pong");
        assert_eq!(resume(&mut socket).await["type"], "resumed");
        assert_eq!(socket.say("still here").await["type"], "ack");
        ann.post("ticket?session_id=1").await.ok();
        socket.close(1000).await;
        world.pass(5);
    }
    for _ in 0..200 {
        ann.get("messages?limit=50").await.ok();
    }
}

#[tokio::test]
async fn zero_lifts_each_limit() {
    let world =
        World::start_on(gateway::EngineMode::InProcess, begin(), &DEFAULTS.map(|(name, _)| (name, "0")), |_| {}).await;
    let ann = world.user("ann");
    for _ in 0..121 {
        ann.ticket().await;
        assert_eq!(ann.try_to_connect("999999").await.err(), Some(404));
    }
    for _ in 0..301 {
        ann.get("messages?limit=1").await.ok();
    }
    for budget in [Budget::Handshakes, Budget::Tickets, Budget::Pages] {
        assert_eq!(world.store().spent(budget, "ann", minute()).await.expect("the table"), 0, "nothing is counted");
    }
}

fn minute() -> i64 {
    begin().as_second() / 60
}

#[tokio::test]
async fn the_table_learns_of_every_tenth_and_of_the_first_refusal_alone() {
    let world = one_process().await;
    let (ann, store) = (world.user("ann"), world.store());
    for i in 1..=130 {
        let answer = ann.post("ticket").await;
        assert_eq!(answer.status, if i <= 120 { 200 } else { 429 }, "ticket {i}");
        let written = store.spent(Budget::Tickets, "ann", minute()).await.expect("the table");
        let expected = if i <= 120 { i / STRIDE * STRIDE } else { 121 };
        assert_eq!(written, expected, "after ticket {i}");
    }
    // Another process has counted in this minute: what it wrote counts here from the next write on.
    store.add_spent(Budget::Pages, "ann", minute(), 295).await.expect("the table");
    let statuses = statuses(&ann, 16).await;
    assert_eq!(statuses[..9], [200; 9], "nine pass before this process writes");
    assert_eq!(statuses[9..], [429; 7]);
}

async fn statuses(user: &User, pages: usize) -> Vec<u16> {
    stream::iter(0..pages).then(|_| async { user.get("messages?limit=1").await.status }).collect().await
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_let_at_most_nine_more_pass_each() {
    const AT_ONCE: u64 = 4;
    let world = World::start_on(engines::processes(), begin(), &DEFAULTS, |_| {}).await;
    let ann = world.user("ann");
    let tickets = stream::iter(0..240).map(|_| ann.post("ticket")).buffer_unordered(AT_ONCE as usize);
    let issued = tickets.filter(|answer| std::future::ready(answer.status == 200)).count().await as u64;
    // A function has as many processes as requests at once.
    assert!((120..=120 + (STRIDE - 1) * (AT_ONCE - 1)).contains(&issued), "{issued} tickets were issued");
    world.pass(59);
    ann.ticket().await;
    // `messages` and `ws-message` are two processes, which share a budget.
    let mut socket = ann.connect().await;
    for _ in 0..20 {
        assert_eq!(resume(&mut socket).await["type"], "resumed");
    }
    let statuses = statuses(&ann, 300).await;
    let read = statuses.iter().filter(|status| **status == 200).count();
    assert!((280..=280 + 9).contains(&read), "{read} pages were read");
    assert_eq!(statuses[read..], vec![429; 300 - read][..]);
}
