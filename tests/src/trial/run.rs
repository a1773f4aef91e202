//! One run: a world of its own, some clients, the faults of a seed or a script, and the verdict on the recorded history.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use gateway::EngineMode;
use jiff::Timestamp;
use tokio::sync::watch;

use super::acting::Acting;
use super::actor::{self, MESSAGES_PER_MINUTE};
use super::chaos::{Chaos, HOUR};
use super::client::Client;
use super::crowd::Crowd;
use super::profile::Profile;
use super::recovery::{Recovery, VIEWER_TIMEOUT};
use super::server::{self, Server};
use super::verdict::Verdict;
use super::{late_retry, moderate, notices};
use crate::faults::batches::Batches;
use crate::faults::kind::Kind;
use crate::faults::ledger::Ledger;
use crate::faults::plan::{Plan, Step};
use crate::history::{History, Recorder};
use crate::proxy::Proxy;
use crate::world::World;

/// Until then no socket of a run is older than a handshake may take (30 s), with a margin for slow machines.
const YOUTH: Duration = Duration::from_secs(15);

/// See the module.
#[derive(Clone)]
pub struct Trial {
    /// Determines the whole run.
    pub seed: u64,
    /// The faults.
    pub profile: Profile,
    /// The engine of the functions.
    pub engine: EngineMode,
    /// How many clients.
    pub clients: usize,
    /// How many actions each client does.
    pub steps: u64,
    /// The faults of DynamoDB, call by call; if empty, those of the profile at their rates.
    pub script: Vec<Step>,
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

    /// A short run in a room of more than one slice, whose `fan-out` fails and is killed.
    pub fn in_slices(seed: u64) -> Trial {
        Trial { profile: Profile::Slices, ..Trial::short(seed) }
    }

    /// Executes the run.
    pub async fn run(self) -> Verdict {
        let (started, ledger) = (Instant::now(), Ledger::default());
        let (dynamodb, sockets, lambda) = (Proxy::start().await, Proxy::start().await, Proxy::start().await);
        let (limit, timeout) = (MESSAGES_PER_MINUTE.to_string(), VIEWER_TIMEOUT.to_string());
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
        dynamodb.lead_to_tables_of(&world.gateway);
        sockets.set_target(&world.gateway.internal_url());
        lambda.set_target(&world.gateway.internal_url());
        let recorder = Recorder::default();
        let server = Arc::new(Server::new(&world.gateway.url(), &world.clock, &recorder));
        server.moderate_by(world.store_at(&dynamodb_url));
        if self.profile.jumps() {
            // The session is older than any jump of the clock back.
            server.call("user", "GET", "status", None).await;
            world.pass(2 * HOUR);
        }
        let crowd = Crowd::default();
        if self.profile == Profile::Slices {
            server.call("user", "GET", "status", None).await;
            crowd.enter(&world.store(), world.clock.now()).await;
        }
        let plans = self.faults(&ledger, [&dynamodb, &sockets, &lambda], &crowd, started);
        if self.profile.fails_batches() {
            batches.inject();
        }
        let mut clients: Vec<Client> =
            (0..self.clients).map(|i| Client::new(&format!("user{}", "x".repeat(i)), &server, &recorder)).collect();

        let users: Vec<String> = clients.iter().map(|client| client.name.clone()).collect();
        let over = watch::Sender::new(false);
        let acting = async {
            join_all(clients.iter_mut().enumerate().map(|(nth, client)| self.act(nth, client, &ledger))).await;
            over.send_replace(true);
        };
        let calm = || {
            plans.iter().for_each(Plan::stop);
            batches.stop();
        };
        let chaos = Chaos {
            seed: self.seed,
            profile: self.profile,
            has_neighbour: self.has_neighbour(),
            engine: &self.engine,
            world: &world,
            ledger: &ledger,
            recorder: &recorder,
        };
        let leaving = notices::leave(&world, &recorder, self.seed, over.subscribe());
        let staff = Acting { server: &server, recorder: &recorder, seed: self.seed };
        tokio::join!(acting, chaos.run(&over, calm), leaving, moderate::act(&staff, &users, &over));
        // From now on, its sockets are found to be gone, one by one.
        crowd.leave();
        if self.profile.kills() || self.profile.passes_time() || self.profile.jumps() {
            // The leases of dead holders end.
            world.pass(4);
        }
        let judging = History {
            staff: server::staff(),
            limit: MESSAGES_PER_MINUTE,
            may_repeat: self.profile.may_repeat() || !self.script.is_empty(),
            may_miss: self.profile.may_miss(),
            ..History::default()
        };
        let recovery = Recovery {
            gateway: &world.gateway,
            clock: &world.clock,
            server: &server,
            recorder: &recorder,
            may_leave_sockets: self.profile.may_lose_an_end() || !self.script.is_empty(),
        };
        let history = recovery.history(&mut clients, judging).await;
        let deferred = world.gateway.invocations().get("flush-later").copied().unwrap_or_default();
        ledger.add("stream: a turn made way, and deferred counters", deferred);
        Verdict::over(self.seed, self.command(), started, &history, ledger)
    }

    /// Whether the room is not alone, so that turns make way for another one: in every second run of each profile.
    fn has_neighbour(&self) -> bool {
        self.seed / Profile::ALL.len() as u64 % 2 == 1
    }

    /// The actions of one client.
    async fn act(&self, nth: usize, client: &mut Client, ledger: &Ledger) {
        if !self.script.is_empty() {
            // A script has a fault for a message without a key, and modes may hold all later ones.
            client.connect().await;
            actor::say(client, 1, self.steps, false).await;
        }
        match self.profile {
            Profile::Late if nth == 0 => late_retry::act(client, ledger).await,
            _ => actor::act(client, self.seed, self.steps).await,
        }
    }

    /// Makes every proxy inject its faults.
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
        let invocations = Plan::by_rates(self.seed, self.profile.invocations(), ledger);
        invocations.rule(lambda);
        let posts = Plan::by_rates(self.seed, self.profile.sockets(), ledger);
        let (plan, may_miss, crowd) = (posts.clone(), self.profile.may_miss(), crowd.clone());
        sockets.judge(move |request| {
            // A socket older than a handshake may take is given up when it is reported as gone.
            let is_too_old = started.elapsed() > YOUTH && !may_miss;
            let fate = crowd.fate(request);
            fate.unwrap_or_else(|| plan.fate_but(request, is_too_old.then_some(Kind::Gone)))
        });
        vec![table, invocations, posts]
    }

    fn command(&self) -> String {
        let engine = if self.engine == EngineMode::InProcess { "" } else { " --processes" };
        let slices = if self.profile == Profile::Slices { " --slices" } else { "" };
        format!("cargo run -p tests --bin reliability -- --seed {} --runs 1{engine}{slices}", self.seed)
    }
}
