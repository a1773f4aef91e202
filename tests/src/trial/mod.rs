//! One run: a world of its own, some clients, the faults of a seed, and the verdict over what was recorded.
//!
//! * [`profile`]: which faults; `ground`, `client` and `actor`: who does what; [`tables`]: what is there at the end;
//! * [`crash`]: a run in which the gateway itself is killed; [`report`]: many runs as one table.

mod actor;
pub mod client;
pub mod crash;
mod ground;
pub mod profile;
pub mod report;
pub mod tables;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use gateway::EngineMode;
use jiff::Timestamp;
use serde_json::Value;

use self::client::Client;
use self::ground::Ground;
use self::profile::Profile;
use self::tables::Tables;
use crate::faults::killer::Killer;
use crate::faults::kind::Kind;
use crate::faults::ledger::Ledger;
use crate::faults::plan::{Plan, mix};
use crate::history::{Breach, End, Event, History, Recorder, check};
use crate::proxy::Proxy;
use crate::world::World;

/// A stored message is told within a minute at worst (CONTRACT).
const A_MINUTE: Duration = Duration::from_secs(60);
/// Messages of one user in a minute: few enough that the runs meet the limit.
const LIMIT: usize = 6;
/// For so long no socket of a run is older than a handshake may take (30 s), with room for a slow machine.
const YOUTH: Duration = Duration::from_secs(15);
/// How often there is trouble in a run at the most.
const TROUBLES: u64 = 16;
/// A viewer is forgotten after this long.
const VIEWER_TIMEOUT: i64 = 300;

/// What runs.
#[derive(Clone)]
pub struct Trial {
    /// Decides everything.
    pub seed: u64,
    /// Which faults.
    pub profile: Profile,
    /// What runs the functions.
    pub engine: EngineMode,
    /// How many clients.
    pub clients: usize,
    /// How many things each does.
    pub steps: u64,
}

/// How it went.
pub struct Verdict {
    /// See [`Trial`].
    pub seed: u64,
    /// What repeats it.
    pub command: String,
    /// How long it took.
    pub took: Duration,
    /// Broken promises.
    pub breaches: Vec<Breach>,
    /// Messages that were acknowledged as new.
    pub acknowledged: u64,
    /// Faults by kind.
    pub faults: Ledger,
}

impl Trial {
    /// A short run with the profile of its seed, in this process.
    pub fn short(seed: u64) -> Trial {
        Trial { seed, profile: Profile::of(seed), engine: EngineMode::InProcess, clients: 3, steps: 10 }
    }

    /// Runs it.
    pub async fn run(self) -> Verdict {
        let (started, ledger) = (Instant::now(), Ledger::default());
        let (dynamodb, sockets) = (Proxy::start().await, Proxy::start().await);
        let (limit, timeout) = (LIMIT.to_string(), VIEWER_TIMEOUT.to_string());
        let (dynamodb_url, sockets_url) = (dynamodb.url(), format!("{}/live", sockets.url()));
        let settings = [
            ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_url.as_str()),
            ("WEBSOCKET_ENDPOINT", sockets_url.as_str()),
            ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", &limit),
            ("LIVE_CHAT_VIEWER_TIMEOUT_SECONDS", &timeout),
        ];
        let world = World::start_on(self.engine.clone(), Timestamp::now(), &settings, |_| {}).await;
        dynamodb.set_target(world.gateway.database_url());
        sockets.set_target(&world.gateway.internal_url());
        let plans = [
            (Plan::by_rates(self.seed, self.profile.table(), &ledger), &dynamodb),
            (Plan::by_rates(self.seed, self.profile.sockets(), &ledger), &sockets),
        ];
        for (plan, proxy) in &plans {
            let (plan, may_miss) = (plan.clone(), self.profile.may_miss());
            proxy.judge(move |request| {
                // A socket that is older than a handshake may take is given up when it is reported as gone.
                let is_too_old = started.elapsed() > YOUTH && !may_miss;
                plan.fate_but(request, is_too_old.then_some(Kind::Gone))
            });
        }
        let (recorder, ground) = (Recorder::default(), Arc::new(Ground::new(&world.gateway.url(), &world.clock)));
        let mut clients: Vec<Client> =
            (0..self.clients).map(|i| Client::new(&format!("user{}", "x".repeat(i)), &ground, &recorder)).collect();

        let over = AtomicBool::new(false);
        let acting = async {
            join_all(clients.iter_mut().map(|client| actor::act(client, self.seed, self.steps))).await;
            over.store(true, Ordering::SeqCst);
        };
        let calm = || plans.iter().for_each(|(plan, _)| plan.stop());
        tokio::join!(acting, self.trouble(&world, &ledger, &over, calm));
        self.finish(&world, &mut clients, &recorder, ledger, started).await
    }

    /// Kills, rings again and moves the clock while the clients act.
    async fn trouble(&self, world: &World, ledger: &Ledger, over: &AtomicBool, calm: impl Fn()) {
        let clock = world.clock_file();
        let killer = match self.engine {
            EngineMode::InProcess => Killer::Invocations(&world.gateway),
            _ => Killer::Processes { clock: &clock },
        };
        let mut ringing = FuturesUnordered::new();
        for nth in 0.. {
            let dice = mix(self.seed, "trouble", nth);
            let pause = tokio::time::sleep(Duration::from_millis(50 + dice % 400));
            // Bells ring beside everything else.
            let all_rung = async { while ringing.next().await.is_some() {} };
            tokio::select! {
                () = pause => {}
                () = async { all_rung.await; std::future::pending().await } => {}
            }
            if over.load(Ordering::SeqCst) {
                break;
            }
            if nth >= TROUBLES {
                // On a slow machine a run has time for more than it could ever recover from.
                continue;
            }
            if self.profile.kills() {
                for name in killer.strike(self.seed, nth) {
                    ledger.count(&name);
                }
            }
            if self.profile.redelivers() && (dice / 100).is_multiple_of(4) {
                ledger.count("stream: batch delivered again");
                ringing.push(world.gateway.redeliver());
            }
            if self.profile.jumps() && (dice / 400).is_multiple_of(8) {
                ledger.count("clock: jump");
                world.pass(if (dice / 3200).is_multiple_of(2) { 20 } else { 120 });
            }
        }
        calm();
        while ringing.next().await.is_some() {}
    }

    /// Waits until everything is well, a minute at most; what is not well then never will be.
    async fn finish(
        self,
        world: &World,
        clients: &mut [Client],
        recorder: &Recorder,
        faults: Ledger,
        started: Instant,
    ) -> Verdict {
        let tables = Tables::at(world.gateway.database_url());
        if self.profile.kills() || self.profile.jumps() {
            // The leases of dead holders end.
            world.pass(4);
        }
        let began = Instant::now();
        let history = |end: End| History {
            events: recorder.events(),
            end,
            limit: LIMIT,
            may_repeat: self.profile.may_repeat(),
            may_miss: self.profile.may_miss(),
        };
        let mut end = loop {
            world.housekeep().await;
            for client in clients.iter_mut() {
                client.connect().await;
            }
            let end = end(&tables, &clients[0].ground).await;
            if check(&history(end.clone())).is_empty() || began.elapsed() > A_MINUTE {
                break end;
            }
            recorder.wait(Duration::from_millis(200)).await;
        };
        let events = recorder.events();
        end.viewers = viewers(world, clients, &tables).await;
        end.left = leftovers(world, clients, &tables).await;
        let history = History { events, ..history(end) };
        Verdict {
            seed: self.seed,
            command: self.command(),
            took: started.elapsed(),
            breaches: check(&history),
            acknowledged: history.events.iter().filter(|event| is_new(event)).count() as u64,
            faults,
        }
    }

    fn command(&self) -> String {
        let engine = if self.engine == EngineMode::InProcess { "" } else { " --processes" };
        format!("cargo run -p tests --bin reliability -- --seed {} --runs 1{engine}", self.seed)
    }
}

/// After the timeout viewers are those who have a socket open.
async fn viewers(world: &World, clients: &mut [Client], tables: &Tables) -> (u64, std::collections::BTreeSet<String>) {
    // One client leaves without a word, and its neighbours stay.
    if let Some(client) = clients.last_mut() {
        client.leave(false).await;
    }
    world.pass(VIEWER_TIMEOUT + 1);
    let there = || clients.iter().filter(|client| client.is_connected()).map(|client| client.name.clone()).collect();
    let began = Instant::now();
    loop {
        world.housekeep().await;
        let (told, there) = (tables.read().await.viewers(), there());
        if told == std::collections::BTreeSet::len(&there) as u64 || began.elapsed() > A_MINUTE {
            return (told, there);
        }
        clients[0].recorder.wait(Duration::from_millis(100)).await;
    }
}

/// When everybody has gone and the timeout is over, nothing is left.
async fn leftovers(world: &World, clients: &mut [Client], tables: &Tables) -> Vec<String> {
    for client in clients.iter_mut() {
        client.leave(true).await;
    }
    // Longer than a quiet room stays without a frame: places whose sockets died without a word are found by it.
    world.pass(8 * 60);
    let began = Instant::now();
    loop {
        let rows = tables.read().await;
        let left = rows.left(world.clock.now().as_millisecond());
        if left.is_empty() || began.elapsed() > A_MINUTE / 2 {
            return left;
        }
        world.pass(VIEWER_TIMEOUT + 1);
        world.housekeep().await;
        clients[0].recorder.wait(Duration::from_millis(100)).await;
    }
}

/// The tables, and what the API says of them.
async fn end(tables: &Tables, ground: &Ground) -> End {
    let mut end = tables.read().await.end();
    if let Some((200, likes)) = ground.call("user", "GET", "likes", None).await {
        end.total_likes = number(&likes["total_likes"]);
    }
    if let Some((200, stats)) = ground.call("user", "GET", "stats", None).await {
        end.total_messages = number(&stats["total_messages"]);
    }
    end
}

/// Whether an event is the first `ack` of a message.
fn is_new(event: &Event) -> bool {
    matches!(event, Event::Acknowledged { duplicate: false, .. })
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(u64::MAX)
}
