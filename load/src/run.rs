//! One run from beginning to end: the gateway, the tokens, the joins, the calls, the messages, the figures.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::args::LoadArgs;
use crate::error::LoadError;
use crate::gateway::Gateway;
use crate::http::Caller;
use crate::ledger::Ledger;
use crate::message_mark::MessageMark;
use crate::processes::{Usage, usage_of};
use crate::report::{Joins, Latency, Leaves, Messages, Process, Report, RestCall};
use crate::room::Room;
use crate::socket_writer::SocketWriter;
use crate::target::Target;
use crate::tokens::{TokenMaker, Tokens};
use crate::tool_usage::{self, ToolUsage, Watch};
use crate::transport::Connector;
use crate::{rest, send, viewers};

/// Makes a run, on this thread alone.
///
/// # Errors
/// [`LoadError`] says why there are no figures.
pub fn run(args: &LoadArgs, maker: TokenMaker) -> Result<Report, LoadError> {
    args.check()?;
    // Each socket is an open file, here and in a gateway that is started from here.
    let files = rlimit::increase_nofile_limit(u64::MAX)?;
    if files < args.viewers as u64 + 1_000 {
        let sentence = format!("{} sockets need more than the {files} open files that are allowed", args.viewers);
        return Err(LoadError::Arguments(sentence));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    runtime.block_on(tasks.run_until(run_with_gateway(args, maker)))
}

async fn run_with_gateway(args: &LoadArgs, maker: TokenMaker) -> Result<Report, LoadError> {
    if !args.start {
        return measure(args, &args.url, &args.pids, maker).await;
    }
    let gateway = Gateway::start(&args.gateway_args).await?;
    let mut pids = args.pids.clone();
    pids.extend(gateway.pid());
    let maker = TokenMaker { secret: Some(gateway.secret.clone()), ..maker };
    let measured = measure(args, &gateway.url, &pids, maker).await;
    gateway.stop().await;
    measured
}

async fn measure(args: &LoadArgs, url: &str, pids: &[u32], maker: TokenMaker) -> Result<Report, LoadError> {
    let run = format!("{:08x}", rand::random::<u32>());
    // Not before: a gateway that is started must not inherit it.
    let stepped_back = tool_usage::step_back();
    let connector = Rc::new(Connector::new(Target::parse(url)?).await.map_err(|cause| unreachable(url, &cause))?);
    let tokens = Tokens::of(args, maker, &run)?;
    let mut caller = Caller::new(&connector);
    let (session, last_seq) = open_session(&mut caller, args, &tokens).await?;
    let (mut users, next_user) = (Vec::new(), Cell::new(0));
    for number in 0..args.viewers.div_ceil(args.sockets_per_user.into()).max(args.senders) {
        users.push(tokens.of_user(number, &mut caller).await?);
    }
    next_user.set(users.len());

    let room = Room::new(&connector, args.protocol, MessageMark::of_run(&run), Ledger::new(last_seq, args.viewers));
    let (mut joined, writers) = join(&room, args, session, &users, pids).await?;
    let pinging = (args.ping_seconds > 0.0 && !writers.is_empty()).then(|| {
        let every = Duration::from_secs_f64(args.ping_seconds);
        tokio::task::spawn_local(viewers::ping(Rc::clone(&room), writers.clone(), every))
    });
    if let Some(joins) = &mut joined {
        tokio::time::sleep(Duration::from_secs_f64(args.settle)).await;
        joins.frames = room.frames().count;
    }
    let mut called = Vec::new();
    if !args.rest.is_empty() {
        called = rest::measure(&connector, args, &tokens, &next_user).await?;
    }
    let messages = match args.senders {
        0 => None,
        _ => Some(send_messages(&room, args, send::senders(&room, args, &writers, &users), pids).await),
    };
    if let Some(pinging) = pinging {
        pinging.abort();
    }
    let (closed, processes) = (room.closed(), usage_of(pids));
    let leaves = match &joined {
        Some(joins) if args.leave => {
            tokio::time::sleep(Duration::from_secs_f64(args.settle)).await;
            Some(leave(&room, &writers, joins.seconds).await)
        }
        _ => None,
    };
    let warnings = [joined.as_ref().map(|joins| joins.tool), messages.as_ref().map(|messages| messages.tool)];
    let warnings = warnings.into_iter().flatten().filter_map(ToolUsage::warning).chain(stepped_back.err()).collect();
    Ok(Report {
        command: command(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        joins: joined,
        rest: called.into_iter().map(RestCall::of).collect(),
        messages,
        leaves,
        processes: processes.into_iter().map(|(pid, usage)| Process::of(pid, &usage)).collect(),
        closed,
        warnings,
    })
}

/// The open session, and the number of its last message before this run.
async fn open_session(caller: &mut Caller, args: &LoadArgs, tokens: &Tokens) -> Result<(u64, u64), LoadError> {
    let token = tokens.of_user(0, caller).await?;
    let status = caller.get(&args.path("status"), &token).await?;
    let Some(session) = status["session"]["id"].as_u64().filter(|_| status["is_active"] == true) else {
        return Err(LoadError::Chat("the chat is not open".to_owned()));
    };
    let page = caller.get(&args.path("messages?limit=1"), &token).await?;
    let last_seq = page["last_seq"].as_u64();
    Ok((session, last_seq.ok_or_else(|| LoadError::Chat("messages come without last_seq".to_owned()))?))
}

async fn join(
    room: &Rc<Room>,
    args: &LoadArgs,
    session: u64,
    users: &[String],
    pids: &[u32],
) -> Result<(Option<Joins>, Vec<Rc<SocketWriter>>), LoadError> {
    if args.viewers == 0 {
        return Ok((None, Vec::new()));
    }
    let (before, watch) = (usage_of(pids), Watch::begin());
    let joins = viewers::join(room, args, session, users).await;
    let tool = watch.end();
    if !joins.refused.is_empty() && args.senders > 0 {
        // The messages that they miss would count as lost.
        return Err(LoadError::Chat(format!("viewers were refused: {:?}", joins.refused)));
    }
    let report = Joins {
        viewers: joins.writers.len(),
        seconds: joins.seconds,
        latency_ms: Latency::of(&joins.each),
        frames: 0,
        refused: joins.refused,
        cpu_seconds: total(&cpu_between(&before, &usage_of(pids))),
        tool,
    };
    Ok((Some(report), joins.writers))
}

async fn leave(room: &Rc<Room>, writers: &[Rc<SocketWriter>], seconds: f64) -> Leaves {
    let (before, begun) = (room.frames().count, room.now_us());
    viewers::leave(writers, Duration::from_secs_f64(seconds)).await;
    Leaves { seconds: (room.now_us() - begun) as f64 / 1e6, frames: room.frames().count - before }
}

async fn send_messages(room: &Rc<Room>, args: &LoadArgs, senders: Vec<send::Sender>, pids: &[u32]) -> Messages {
    let (before, frames_before, watch) = (usage_of(pids), room.frames(), Watch::begin());
    send::send(room, args, senders).await;
    send::until_delivered(room, Duration::from_secs_f64(args.patience)).await;
    let (tool, cpu_seconds) = (watch.end(), cpu_between(&before, &usage_of(pids)));
    let (ledger, frames) = (room.ledger.borrow(), room.frames());
    let sums = ledger.sums();
    let seconds_until = |last_us: u64| last_us.saturating_sub(sums.first_sent_us).max(1) as f64 / 1e6;
    let cpu = total(&cpu_seconds);
    let (pings, pongs) = room.pings();
    Messages {
        seconds: seconds_until(sums.last_delivered_us),
        sent: sums.sent,
        accepted: sums.accepted,
        accepted_per_second: sums.accepted as f64 / seconds_until(sums.last_accepted_us),
        unanswered: sums.unanswered,
        delivered: sums.delivered,
        delivered_per_second: sums.delivered as f64 / seconds_until(sums.last_delivered_us),
        pings,
        pongs,
        frames: frames.count - frames_before.count,
        metered_frames: frames.metered - frames_before.metered,
        frame_bytes: frames.bytes - frames_before.bytes,
        lost: sums.lost,
        duplicated: sums.duplicated,
        out_of_order: sums.out_of_order,
        acceptance_ms: Latency::of(&ledger.acceptance()),
        delivery_ms: Latency::of(ledger.delivery()),
        to_all_ms: Latency::of(ledger.to_all()),
        cpu_ms_per_message: cpu.map(|cpu| cpu * 1e3 / sums.accepted.max(1) as f64),
        cpu_us_per_delivery: cpu.map(|cpu| cpu * 1e6 / sums.delivered.max(1) as f64),
        refused: sums.refused,
        cpu_seconds,
        tool,
    }
}

impl RestCall {
    fn of(called: rest::Called) -> RestCall {
        let answers = called.latency.len();
        RestCall {
            call: called.call,
            answers,
            per_second: answers as f64 / called.seconds.max(1e-6),
            latency_ms: Latency::of(&called.latency),
            failed: called.failed,
        }
    }
}

impl Process {
    fn of(pid: u32, usage: &Usage) -> Process {
        let mib = |kib: u64| kib as f64 / 1024.0;
        Process { name: name(pid, usage), resident_mib: mib(usage.resident_kib), peak_mib: mib(usage.peak_kib) }
    }
}

fn name(pid: u32, usage: &Usage) -> String {
    format!("{} ({pid})", usage.name)
}

/// CPU seconds of each process between two times.
fn cpu_between(before: &BTreeMap<u32, Usage>, after: &BTreeMap<u32, Usage>) -> BTreeMap<String, f64> {
    let used = |(pid, usage): (&u32, &Usage)| {
        let earlier = before.get(pid).map_or(0.0, |usage| usage.cpu_seconds);
        (name(*pid, usage), usage.cpu_seconds - earlier)
    };
    after.iter().map(used).collect()
}

/// `None` if no process is known.
fn total(cpu_seconds: &BTreeMap<String, f64>) -> Option<f64> {
    (!cpu_seconds.is_empty()).then(|| cpu_seconds.values().sum())
}

/// The command line. Nothing secret is ever part of it.
fn command() -> String {
    let program = std::env::args().next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default().to_owned();
    std::iter::once(name).chain(std::env::args().skip(1)).collect::<Vec<_>>().join(" ")
}

fn unreachable(url: &str, cause: &std::io::Error) -> LoadError {
    LoadError::Chat(format!("{url} cannot be reached: {cause}"))
}
