//! One run: a world of its own, some clients, the faults of a seed or a script, and the verdict over what was recorded.
//!
//! * [`profile`]: which faults; `ground`, `client`, `actor` and `late`: who does what; `crowd`: a room that needs slices; `trouble`: kills,
//!   bells and clocks; `aftermath` waits until all is well and [`tables`] says what is there at the end;
//! * [`crash`]: a run in which the gateway itself is killed; [`report`]: many runs as one table.

mod actor;
mod aftermath;
pub mod client;
pub mod crash;
pub mod crowd;
mod ground;
mod late;
pub mod profile;
pub mod report;
pub mod tables;
mod trouble;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use gateway::EngineMode;
use jiff::Timestamp;

use self::aftermath::{Aftermath, VIEWER_TIMEOUT};
use self::client::Client;
use self::crowd::Crowd;
use self::ground::Ground;
use self::profile::Profile;
use self::trouble::{AN_HOUR, Trouble};
use crate::faults::batches::Batches;
use crate::faults::kind::Kind;
use crate::faults::ledger::Ledger;
use crate::faults::plan::{Plan, Step};
use crate::history::{Breach, Event, History, Recorder, Rule, check, judged};
use crate::proxy::Proxy;
use crate::world::World;

/// Messages of one user in a minute: few enough that the runs meet the limit.
const LIMIT: usize = 6;
/// For so long no socket of a run is older than a handshake may take (30 s), with room for a slow machine.
const YOUTH: Duration = Duration::from_secs(15);

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
    /// What DynamoDB does, call by call; if there is none, it does what the profile says, by its rates.
    pub script: Vec<Step>,
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
    /// How much each rule had to judge.
    pub judged: BTreeMap<Rule, u64>,
    /// Faults by kind.
    pub faults: Ledger,
}

impl Trial {
    /// A short run with the profile of its seed, in this process.
    pub fn short(seed: u64) -> Trial {
        Trial {
            seed,
            profile: Profile::of(seed),
            engine: EngineMode::InProcess,
            clients: 3,
            steps: 10,
            script: Vec::new(),
        }
    }

    /// A short run in a room of more than a slice, whose `fan-out` fails and is killed.
    pub fn in_slices(seed: u64) -> Trial {
        Trial { profile: Profile::Slices, ..Trial::short(seed) }
    }

    /// Runs it.
    pub async fn run(self) -> Verdict {
        let (started, ledger) = (Instant::now(), Ledger::default());
        let (dynamodb, sockets, lambda) = (Proxy::start().await, Proxy::start().await, Proxy::start().await);
        let (limit, timeout) = (LIMIT.to_string(), VIEWER_TIMEOUT.to_string());
        let (dynamodb_url, sockets_url, lambda_url) = (dynamodb.url(), format!("{}/live", sockets.url()), lambda.url());
        let settings = [
            ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_url.as_str()),
            ("WEBSOCKET_ENDPOINT", sockets_url.as_str()),
            ("AWS_ENDPOINT_URL_LAMBDA", lambda_url.as_str()),
            ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", &limit),
            ("LIVE_CHAT_VIEWER_TIMEOUT_SECONDS", &timeout),
        ];
        let batches = Batches::watched(self.seed, &ledger);
        let middleware = batches.middleware();
        let world = World::start_on(self.engine.clone(), Timestamp::now(), &settings, |options| {
            options.middleware = Some(middleware);
        })
        .await;
        dynamodb.set_target(world.gateway.database_url());
        sockets.set_target(&world.gateway.internal_url());
        lambda.set_target(&world.gateway.internal_url());
        let recorder = Recorder::default();
        let ground = Arc::new(Ground::new(&world.gateway.url(), &world.clock, &recorder));
        if self.profile.jumps() {
            // The session is there for longer than the clock ever goes back.
            ground.call("user", "GET", "status", None).await;
            world.pass(2 * AN_HOUR);
        }
        let crowd = Crowd::default();
        if self.profile == Profile::Slices {
            ground.call("user", "GET", "status", None).await;
            crowd.enter(&world.store(), world.clock.now()).await;
        }
        let plans = self.faults(&ledger, [&dynamodb, &sockets, &lambda], &crowd, started);
        if self.profile.fails_batches() {
            batches.inject();
        }
        let mut clients: Vec<Client> =
            (0..self.clients).map(|i| Client::new(&format!("user{}", "x".repeat(i)), &ground, &recorder)).collect();

        let over = AtomicBool::new(false);
        let acting = async {
            join_all(clients.iter_mut().enumerate().map(|(nth, client)| self.act(nth, client, &ledger))).await;
            over.store(true, Ordering::SeqCst);
        };
        let calm = || {
            plans.iter().for_each(Plan::stop);
            batches.stop();
        };
        let trouble = Trouble { trial: &self, world: &world, ledger: &ledger, recorder: &recorder };
        tokio::join!(acting, trouble.go_on(&over, calm));
        // From now on its sockets are found to be gone, one by one.
        crowd.leave();
        if self.profile.kills() || self.profile.passes_time() || self.profile.jumps() {
            // The leases of dead holders end.
            world.pass(4);
        }
        let judging = History {
            limit: LIMIT,
            may_repeat: self.profile.may_repeat() || !self.script.is_empty(),
            may_miss: self.profile.may_miss(),
            ..History::default()
        };
        let aftermath = Aftermath {
            gateway: &world.gateway,
            clock: &world.clock,
            ground: &ground,
            recorder: &recorder,
            may_leave_sockets: self.profile.may_lose_an_end() || !self.script.is_empty(),
        };
        let history = aftermath.history(&mut clients, judging).await;
        Verdict::over(self.seed, self.command(), started, &history, ledger)
    }

    /// What one client does.
    async fn act(&self, nth: usize, client: &mut Client, ledger: &Ledger) {
        match self.profile {
            Profile::Late if nth == 0 => late::act(client, ledger).await,
            _ => actor::act(client, self.seed, self.steps).await,
        }
    }

    /// Sets every proxy against its calls.
    fn faults(
        &self,
        ledger: &Ledger,
        [dynamodb, sockets, lambda]: [&Proxy; 3],
        crowd: &Crowd,
        started: Instant,
    ) -> Vec<Plan> {
        let table = if self.script.is_empty() {
            Plan::by_rates(self.seed, self.profile.table(), ledger).only(self.profile.table_only())
        } else {
            Plan::by_script(self.script.clone(), ledger)
        };
        table.rule(dynamodb);
        let slices = Plan::by_rates(self.seed, self.profile.slices(), ledger);
        slices.rule(lambda);
        let posts = Plan::by_rates(self.seed, self.profile.sockets(), ledger);
        let (plan, may_miss, crowd) = (posts.clone(), self.profile.may_miss(), crowd.clone());
        sockets.judge(move |request| {
            // A socket that is older than a handshake may take is given up when it is reported as gone.
            let is_too_old = started.elapsed() > YOUTH && !may_miss;
            let fate = crowd.fate(request);
            fate.unwrap_or_else(|| plan.fate_but(request, is_too_old.then_some(Kind::Gone)))
        });
        vec![table, slices, posts]
    }

    fn command(&self) -> String {
        let engine = if self.engine == EngineMode::InProcess { "" } else { " --processes" };
        let slices = if self.profile == Profile::Slices { " --slices" } else { "" };
        format!("cargo run -p tests --bin reliability -- --seed {} --runs 1{engine}{slices}", self.seed)
    }
}

impl Verdict {
    fn over(seed: u64, command: String, started: Instant, history: &History, faults: Ledger) -> Verdict {
        let is_new = |event: &&Event| matches!(event, Event::Acknowledged { duplicate: false, .. });
        Verdict {
            seed,
            command,
            took: started.elapsed(),
            breaches: check(history),
            acknowledged: history.events.iter().filter(is_new).count() as u64,
            judged: judged(history),
            faults,
        }
    }
}
