//! Disturbs a gateway while the clients act: functions are killed, batches of the stream are delivered again, the clock jumps.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use gateway::EngineMode;
use shared::broadcast::wake_up::WakeUp;
use tokio::sync::watch;

use super::profile::Profile;
use crate::faults::killer::Killer;
use crate::faults::ledger::Ledger;
use crate::faults::plan::mix;
use crate::history::{Event, Recorder};
use crate::world::World;

/// The maximum number of disturbances in a run.
const MAX_DISTURBANCES: u64 = 16;
/// The session of another room, in which nobody is.
const NEIGHBOUR: u64 = 9_999;
/// How far the clock jumps back, and once forward as well.
pub(super) const HOUR: i64 = 3600;

/// See the module.
pub(super) struct Chaos<'a> {
    pub(super) seed: u64,
    pub(super) profile: Profile,
    pub(super) has_neighbour: bool,
    pub(super) engine: &'a EngineMode,
    pub(super) world: &'a World,
    pub(super) ledger: &'a Ledger,
    pub(super) recorder: &'a Recorder,
}

/// A clock that jumps. Overall it moves forward: a jump back is corrected later.
#[derive(Default)]
struct Jumps {
    is_behind: bool,
    was_an_hour_ahead: bool,
}

impl Chaos<'_> {
    /// Disturbs the run until the clients are ready, then calls `calm`.
    pub(super) async fn run(&self, over: &watch::Sender<bool>, calm: impl Fn()) {
        let profile = self.profile;
        let clock = self.world.clock_file();
        let killer = match self.engine {
            EngineMode::InProcess => Killer::Invocations(&self.world.gateway),
            _ => Killer::Processes { clock: &clock },
        };
        let (mut redelivering, mut jumps) = (FuturesUnordered::new(), Jumps::default());
        for nth in 0.. {
            let dice = mix(self.seed, "trouble", nth);
            let pause = tokio::time::sleep(Duration::from_millis(50 + dice % 400));
            // Batches are redelivered concurrently with everything else.
            let all_redelivered = async { while redelivering.next().await.is_some() {} };
            tokio::select! {
                () = pause => {}
                () = async { all_redelivered.await; std::future::pending().await } => {}
            }
            if *over.borrow() {
                break;
            }
            if nth >= MAX_DISTURBANCES {
                // On a slow machine, a run would have time for more disturbances than it could recover from.
                continue;
            }
            if self.has_neighbour {
                self.wake_neighbour().await;
            }
            if profile == Profile::Slices {
                self.ledger.add("killed: fan-out", self.world.gateway.kill_running("fan-out") as u64);
            }
            if profile.kills() {
                for name in killer.strike(self.seed, nth) {
                    self.ledger.count(&name);
                }
            }
            if profile.redelivers() && (dice / 100).is_multiple_of(4) {
                self.ledger.count("stream: batch delivered again");
                redelivering.push(self.world.gateway.redeliver());
            }
            if profile.jumps() && (dice / 400).is_multiple_of(6) {
                self.jump(&mut jumps, dice / 3200);
            }
        }
        if jumps.is_behind {
            self.jump(&mut jumps, 0);
        }
        calm();
        while redelivering.next().await.is_some() {}
    }

    /// The stream has a record of another room, so that functions know of one. A function that was killed has forgotten it.
    async fn wake_neighbour(&self) {
        let (store, now) = (self.world.store(), self.world.clock.now());
        store.wake(NEIGHBOUR, WakeUp::of_outbox(), now).await.expect("the table answers");
        self.ledger.count("stream: a record of another room");
    }

    fn jump(&self, jumps: &mut Jumps, dice: u64) {
        let (name, seconds) = match dice % 4 {
            _ if jumps.is_behind => ("clock: set right after it went back", HOUR),
            0 | 1 => ("clock: an hour back", -HOUR),
            2 if !jumps.was_an_hour_ahead => ("clock: an hour forward", HOUR),
            _ => ("clock: two minutes forward", 120),
        };
        self.ledger.count(name);
        jumps.was_an_hour_ahead |= seconds == HOUR && !jumps.is_behind;
        jumps.is_behind = seconds < 0;
        if seconds < 0 {
            self.recorder.note(Event::ClockWentBack);
        }
        self.world.pass(seconds);
    }
}
