//! A run in which the gateway itself is repeatedly killed with SIGKILL and restarted on the same data.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use gateway::{Data, Gateway, Options, ScheduleMode};
use shared::platform::clock::Clock;
use tokio::sync::watch;

use super::acting::Acting;
use super::actor::{self, MESSAGES_PER_MINUTE};
use super::client::Client;
use super::moderate;
use super::recovery::Recovery;
use super::server::{self, Server};
use super::verdict::Verdict;
use crate::faults::ledger::Ledger;
use crate::faults::plan::mix;
use crate::history::{History, Recorder};
use crate::process::Process;

/// How often the gateway is killed.
const KILLS: u64 = 3;

/// See the module.
pub struct CrashTrial {
    seed: u64,
    clients: usize,
    steps: u64,
}

impl CrashTrial {
    /// A short run.
    pub fn short(seed: u64) -> CrashTrial {
        CrashTrial { seed, clients: 3, steps: 24 }
    }

    /// Executes the run.
    pub async fn run(self) -> Verdict {
        let started = Instant::now();
        let (faults, recorder, folder) =
            (Ledger::default(), Recorder::default(), tempfile::tempdir().expect("a folder"));
        let clock_file = folder.path().join("clock");
        std::fs::write(&clock_file, "0").expect("writable");
        let clock = Clock::in_file(clock_file.clone());
        let (data, limit) = (folder.path().join("data"), MESSAGES_PER_MINUTE.to_string());
        let settings = [
            ("LIVE_CHAT_TEST_CLOCK", clock_file.to_str().expect("a path in UTF-8")),
            ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", limit.as_str()),
        ];
        let mut gateway = Process::start(&data, &settings).await;
        let server = Arc::new(Server::new(gateway.url(), &clock, &recorder));
        let mut clients: Vec<Client> =
            (0..self.clients).map(|i| Client::new(&format!("user{}", "x".repeat(i)), &server, &recorder)).collect();
        let users: Vec<String> = clients.iter().map(|client| client.name.clone()).collect();
        let over = watch::Sender::new(false);
        // The clients go on until the last kill, however fast this machine is.
        let acting = async {
            for round in 0.. {
                let seed = mix(self.seed, "round", round);
                join_all(clients.iter_mut().map(|client| actor::act(client, seed, self.steps))).await;
                if *over.borrow() {
                    break;
                }
            }
        };
        let killing = async {
            for nth in 0..KILLS {
                tokio::time::sleep(Duration::from_millis(100 + mix(self.seed, "kill -9", nth) % 900)).await;
                gateway.kill_9().await;
                faults.count("gateway: killed with SIGKILL");
                gateway = Process::start(&data, &settings).await;
                server.move_to(gateway.url());
            }
            over.send_replace(true);
            gateway
        };
        let staff = Acting { server: &server, recorder: &recorder, seed: self.seed };
        let (gateway, (), ()) = tokio::join!(killing, acting, moderate::act(&staff, &users, &over));
        // The last one is killed, too; this process reads the tables.
        gateway.kill_9().await;
        faults.count("gateway: killed with SIGKILL");
        let history = self.finish(data, clock, &server, &mut clients, &recorder).await;
        let command = format!("cargo run -p tests --bin reliability -- --crashes --seed {} --runs 1", self.seed);
        Verdict::over(self.seed, command, started, &history, faults)
    }

    /// Continues in this process, where the tables can be read, until the chat has recovered.
    async fn finish(
        &self,
        data: std::path::PathBuf,
        clock: Clock,
        server: &Server,
        clients: &mut [Client],
        recorder: &Recorder,
    ) -> History {
        let secret = ("JWT_SECRET".to_owned(), crate::world::SECRET.to_owned());
        let options = Options {
            port: 0,
            data: Data::Folder(data),
            environment: [secret].into(),
            clock: clock.clone(),
            schedule: ScheduleMode::OnlyWhenFired,
            internal_ports: true,
            access_key: crate::signed::access_key(),
            ..Options::default()
        };
        let gateway = Gateway::start(options).await.expect("the data is whole");
        server.move_to(&gateway.url());
        let limit = MESSAGES_PER_MINUTE;
        let judging = History { limit, may_repeat: true, staff: server::staff(), ..History::default() };
        let recovery = Recovery { gateway: &gateway, clock: &clock, server, recorder, may_leave_sockets: true };
        let history = recovery.history(clients, judging).await;
        gateway.stop().await;
        history
    }
}
