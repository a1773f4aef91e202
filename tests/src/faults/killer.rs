//! Kills running functions at any point: invocations in the gateway's own process, or the bootstrap processes that it started.

use std::path::{Path, PathBuf};

use functions::local::NAMES;
use gateway::Gateway;

use super::plan::mix;

/// The invocations or processes to kill.
pub enum Killer<'a> {
    /// Invocations in this process.
    Invocations(&'a Gateway),
    /// Processes that have this test's clock in their environment.
    Processes {
        /// The clock's file, unique to this test.
        clock: &'a Path,
    },
}

impl Killer<'_> {
    /// Kills one function's running invocations, or one process. Returns their names.
    pub fn strike(&self, seed: u64, nth: u64) -> Vec<String> {
        let dice = mix(seed, "kill", nth) as usize;
        match self {
            Killer::Invocations(gateway) => {
                // Half of the time, a function that posts to sockets is killed.
                let name = match dice % 8 {
                    0 | 2 | 4 => "broadcast",
                    6 => "flush-later",
                    _ => NAMES[dice / 2 % NAMES.len()],
                };
                vec![format!("killed: {name}"); gateway.kill_running(name)]
            }
            Killer::Processes { clock } => {
                let processes = processes_with(clock);
                let Some((id, program)) = processes.get(dice % processes.len().max(1)) else { return Vec::new() };
                let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                let killed = std::process::Command::new("kill").args(["-KILL", &id.to_string()]).status();
                if killed.is_ok_and(|status| status.success()) { vec![format!("killed: {name}")] } else { Vec::new() }
            }
        }
    }
}

/// This process's children whose environment names this clock: id and program, in the order of their ids.
fn processes_with(clock: &Path) -> Vec<(u32, PathBuf)> {
    let own_id = std::process::id();
    let Ok(all) = std::fs::read_dir("/proc") else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = all
        .flatten()
        .filter_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
            let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse::<u32>().ok()?;
            let environment = std::fs::read(entry.path().join("environ")).ok()?;
            let names_clock = format!("LIVE_CHAT_TEST_CLOCK={}", clock.display());
            let is_ours = parent == own_id && environment.split(|byte| *byte == 0).any(|v| v == names_clock.as_bytes());
            is_ours.then(|| std::fs::read_link(entry.path().join("exe")).ok()).flatten().map(|program| (id, program))
        })
        .collect();
    found.sort_unstable();
    found
}
