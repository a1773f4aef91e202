//! What happens to a gateway while the clients act: functions are killed, bells ring again, batches fail, and the clock jumps.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use gateway::EngineMode;

use super::Trial;
use super::profile::Profile;
use crate::faults::killer::Killer;
use crate::faults::ledger::Ledger;
use crate::faults::plan::mix;
use crate::history::{Event, Recorder};
use crate::world::World;

/// How often there is trouble in a run at the most.
const TROUBLES: u64 = 16;
/// How far the clock goes back, and once forward as well.
pub(super) const AN_HOUR: i64 = 3600;

/// See the module.
pub(super) struct Trouble<'a> {
    pub(super) trial: &'a Trial,
    pub(super) world: &'a World,
    pub(super) ledger: &'a Ledger,
    pub(super) recorder: &'a Recorder,
}

/// A clock that jumps. What it does as a whole is forward: when it went back, somebody sets it right later.
#[derive(Default)]
struct Jumps {
    is_behind: bool,
    was_an_hour_ahead: bool,
}

impl Trouble<'_> {
    /// Makes trouble until the clients are ready, then lets everything be calm.
    pub(super) async fn go_on(&self, over: &AtomicBool, calm: impl Fn()) {
        let profile = self.trial.profile;
        let clock = self.world.clock_file();
        let killer = match self.trial.engine {
            EngineMode::InProcess => Killer::Invocations(&self.world.gateway),
            _ => Killer::Processes { clock: &clock },
        };
        let (mut ringing, mut jumps) = (FuturesUnordered::new(), Jumps::default());
        for nth in 0.. {
            let dice = mix(self.trial.seed, "trouble", nth);
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
            if profile == Profile::Slices {
                self.ledger.add("killed: fan-out", self.world.gateway.kill_running("fan-out") as u64);
            }
            if profile.kills() {
                for name in killer.strike(self.trial.seed, nth) {
                    self.ledger.count(&name);
                }
            }
            if profile.redelivers() && (dice / 100).is_multiple_of(4) {
                self.ledger.count("stream: batch delivered again");
                ringing.push(self.world.gateway.redeliver());
            }
            if profile.jumps() && (dice / 400).is_multiple_of(6) {
                self.jump(&mut jumps, dice / 3200);
            }
        }
        if jumps.is_behind {
            self.jump(&mut jumps, 0);
        }
        calm();
        while ringing.next().await.is_some() {}
    }

    fn jump(&self, jumps: &mut Jumps, dice: u64) {
        let (name, seconds) = match dice % 4 {
            _ if jumps.is_behind => ("clock: set right after it went back", AN_HOUR),
            0 | 1 => ("clock: an hour back", -AN_HOUR),
            2 if !jumps.was_an_hour_ahead => ("clock: an hour forward", AN_HOUR),
            _ => ("clock: two minutes forward", 120),
        };
        self.ledger.count(name);
        jumps.was_an_hour_ahead |= seconds == AN_HOUR && !jumps.is_behind;
        jumps.is_behind = seconds < 0;
        if seconds < 0 {
            self.recorder.note(Event::ClockWentBack);
        }
        self.world.pass(seconds);
    }
}
