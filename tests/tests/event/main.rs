//! A local event of 500 viewers: counts what AWS would meter, and compares it with the model of `cargo run -- cost`.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Parser;
use cost::counts::Counts;
use cost::event::Event;
use gateway::settings::{Cli, Command};
use jiff::Timestamp;
use load::{Report, TokenMaker};
use tests::printed;
use tests::proxy::{ProxiedRequest, Units};
use tests::world::World;

const VIEWERS: usize = 500;
/// Seconds between the last join and the first message, and again before the first viewer leaves.
const SETTLE: f64 = 3.0;
const MESSAGES: usize = 20;
/// A busy machine may need this long.
const TIMEOUT: Duration = Duration::from_secs(900);
/// How far the model may be from the counts.
const TOLERANCE: f64 = 0.10;

/// Runs the load tool in a thread of its own: everybody joins, and each message is sent only after everybody has received the
/// previous one, so that each is a separate flush, however slow the machine is.
async fn hold(world: &World) -> Report {
    let line = format!(
        "gateway load --url {} --viewers {VIEWERS} --batched 50 --join-concurrency 32 --settle {SETTLE} --ping-seconds 30 \
         --senders 1 --until delivered --messages {MESSAGES} --patience 120 --leave",
        world.gateway.url()
    );
    let Some(Command::Load(args)) = Cli::try_parse_from(line.split_whitespace()).expect("a command line").command
    else {
        panic!("{line} is not load");
    };
    let maker = TokenMaker { secret: None, mint: |_, _| Err("there is no secret".to_owned()) };
    let run = tokio::task::spawn_blocking(move || load::run(&args, maker));
    let run = tokio::time::timeout(TIMEOUT, run).await.expect("the event ends");
    run.expect("no panic").expect("figures")
}

/// Waits until this many invocations of a function have ended.
async fn until(world: &World, function: &str, count: usize) {
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    let ended = async {
        while world.gateway.invocations().get(function).is_none_or(|ended| *ended < count as u64) {
            looks.tick().await;
        }
    };
    tokio::time::timeout(TIMEOUT, ended).await.expect("the event goes on");
}

/// The consumption of calls, by their callers and kinds.
#[derive(Default)]
struct Consumed(BTreeMap<String, (u64, Units)>);

impl Consumed {
    fn add(&mut self, calls: Vec<(ProxiedRequest, Units)>, is_counted: impl Fn(&str) -> bool) {
        for (request, consumed) in calls {
            if is_counted(&request.caller) {
                let entry = self.0.entry(kind_of(&request)).or_default();
                entry.0 += 1;
                entry.1 += consumed;
            }
        }
    }

    fn total(&self) -> Units {
        let mut total = Units::default();
        self.0.values().for_each(|(_, units)| total += *units);
        total
    }
}

impl std::fmt::Display for Consumed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (kind, (calls, units)) in &self.0 {
            writeln!(f, "{kind}: {calls} calls, {} read, {} write", units.read, units.write)?;
        }
        Ok(())
    }
}

/// The kind of a call: its caller, its operation and the kind of row.
fn kind_of(request: &ProxiedRequest) -> String {
    const ROWS: [&str; 9] =
        ["cursor#", "presence#", "room#", "socket#", "rate#", "sent#", "messages#", "session#", "windows"];
    let row = ROWS.iter().find(|row| request.body.contains(*row)).copied().unwrap_or("other");
    format!("{}: {} {row}", request.caller, request.operation)
}

/// Whether a call is a handler's, rather than the broadcast's. How often that sends the number of viewers while they come and go,
/// and to how many sockets that have just left, depends on the machine. The model only gives a maximum.
fn is_a_handlers(caller: &str) -> bool {
    caller != "broadcast"
}

/// The event as it took place, from the last join to the first leave.
fn event_of(report: &Report) -> Event {
    let messages = report.messages.as_ref().expect("messages");
    let seconds = SETTLE + messages.seconds;
    Event {
        viewers: VIEWERS as f64,
        messages_per_second: messages.accepted as f64 / seconds,
        seconds,
        flush_seconds: 0.0,
        share_batched: 0.5,
        arrival_seconds: 0.0,
        leaving_seconds: 0.0,
        share_over_rest: 1.0,
        share_keyed: 0.0,
        message_bytes: 400.0,
        pings_per_minute: 2.0,
        polls_per_minute: 0.0,
        likes_per_viewer: 0.0,
        message_likes_per_viewer: 0.0,
        visits_per_viewer: 0.0,
        posts_per_second: messages.delivered_per_second,
        handler_seconds: 0.02,
    }
}

/// The counts of an event, next to the model's.
fn table_of(lines: &[(&str, f64, f64)]) -> String {
    let mut table = "| metered | counted | model |\n| --- | --- | --- |\n".to_owned();
    for (line, counted, modelled) in lines {
        table += &format!("| {line} | {counted:.0} | {modelled:.0} |\n");
    }
    table
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_models_counts_agree_with_those_of_a_local_event_of_500_viewers() {
    let (world, proxy) = World::watched(Timestamp::now(), &[]).await;
    proxy.read_meter();

    let mut consumed = Consumed::default();
    let phases = async {
        // Pings begin once everybody has joined; two seconds of them fall into the settling time.
        until(&world, "ws-message", VIEWERS / 15).await;
        consumed.add(proxy.read_meter(), is_a_handlers);
        until(&world, "ws-disconnect", 1).await;
        consumed.add(proxy.read_meter(), |_| true);
        until(&world, "ws-disconnect", VIEWERS).await;
        consumed.add(proxy.read_meter(), is_a_handlers);
    };
    let (report, ()) = tokio::join!(hold(&world), phases);
    assert!(report.is_clean(), "{report}");

    let (joins, messages) = (report.joins.as_ref().expect("viewers"), report.messages.as_ref().expect("messages"));
    let (units, event) = (consumed.total(), event_of(&report));
    let (invocations, model) = (world.gateway.invocations(), Counts::of(&event));
    let invoked = |function: &str| invocations.get(function).copied().unwrap_or_default() as f64;
    let modelled = |function: &str| model.invocations.get(function).copied().unwrap_or_default();
    // During the settling time before the first leave, everybody is in: it counts like twice that time of leaving.
    let leaving_seconds = report.leaves.expect("they left").seconds + 2.0 * SETTLE;
    let coming = Counts::of(&Event { arrival_seconds: joins.seconds, leaving_seconds, ..event });
    // The same on every machine; the number of pings and frames depends on how long the event takes.
    let fixed = [
        ("HTTP requests", invoked("send-message"), model.http_requests),
        ("ws-connect", invoked("ws-connect"), modelled("ws-connect")),
        ("ws-disconnect", invoked("ws-disconnect"), modelled("ws-disconnect")),
    ];
    let timed = [
        (
            "WebSocket messages",
            (messages.metered_frames + messages.pings + messages.pongs) as f64,
            model.websocket_messages,
        ),
        ("connection minutes", world.gateway.ended_sockets().as_secs_f64() / 60.0, coming.connection_minutes),
        ("ws-message", invoked("ws-message"), modelled("ws-message")),
        ("write units", units.write, model.units.write),
        ("read units", units.read, model.units.read),
    ];
    let table = table_of(&timed);
    println!("{table}\n{report}\n{consumed}\n{invocations:?}");
    for (line, counted, modelled) in fixed.into_iter().chain(timed) {
        assert!((modelled - counted).abs() <= TOLERANCE * counted, "{line}: {counted}, but {modelled}\n{table}");
    }
    printed::check("docs/cost.md", "event", &table_of(&fixed));
    // The cost of counting viewers is bounded, however fast they join.
    let coming = Counts::of(&Event { arrival_seconds: joins.seconds + SETTLE, ..event });
    // In addition to the values in between, the first and the last value are sent.
    let most = coming.posts - model.posts + 2.0 * VIEWERS as f64;
    assert!(joins.frames as f64 <= most * (1.0 + TOLERANCE), "{} frames, but at most {most}", joins.frames);
}
