//! CPU and memory of the chat's processes, as Linux accounts for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Ticks a second in `/proc/PID/stat`: the same on every architecture that this runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// One process at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Usage {
    pub(crate) name: String,
    /// Its own and that of its children that have ended.
    pub(crate) cpu_seconds: f64,
    pub(crate) resident_kib: u64,
    pub(crate) peak_kib: u64,
}

/// These processes and all below them, by their ids.
pub(crate) fn usage_of(roots: &[u32]) -> BTreeMap<u32, Usage> {
    family_of(roots).into_iter().filter_map(|pid| Some((pid, usage(pid)?))).collect()
}

/// This process.
pub(crate) fn own_cpu_seconds() -> f64 {
    usage(std::process::id()).map_or(0.0, |usage| usage.cpu_seconds)
}

fn family_of(roots: &[u32]) -> BTreeSet<u32> {
    let mut family: BTreeSet<u32> = roots.iter().copied().collect();
    if family.is_empty() {
        return family;
    }
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let parents: Vec<(u32, u32)> = pids.filter_map(|pid| Some((pid, stat(pid)?.1))).collect();
    loop {
        let before = family.len();
        family.extend(
            parents.iter().filter(|(_, parent)| family.contains(parent)).map(|(pid, _)| *pid).collect::<Vec<_>>(),
        );
        if family.len() == before {
            return family;
        }
    }
}

/// Name, parent and CPU seconds.
fn stat(pid: u32) -> Option<(String, u32, f64)> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse_stat(text: &str) -> Option<(String, u32, f64)> {
    // The name stands in brackets and may hold anything, brackets included.
    let (head, tail) = text.rsplit_once(") ")?;
    let name = head.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = tail.split_whitespace().collect();
    // utime, stime, cutime and cstime are the fields 14 to 17; the first of `fields` is the third.
    let ticks = fields.get(11..15)?.iter().filter_map(|field| field.parse::<f64>().ok()).sum::<f64>();
    Some((name, fields.get(1)?.parse().ok()?, ticks / TICKS_PER_SECOND))
}

fn usage(pid: u32) -> Option<Usage> {
    let (name, _, cpu_seconds) = stat(pid)?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kib = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let (resident_kib, peak_kib) = (kib("VmRSS:").unwrap_or(0), kib("VmHWM:").unwrap_or(0));
    Some(Usage { name, cpu_seconds, resident_kib, peak_kib })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let text = "7 (a) b (c) S 3 7 7 0 -1 4194304 1 0 0 0 150 50 20 30 20 0 1 0 100 1 1 1";
        assert_eq!(parse_stat(text), Some(("a) b (c".to_owned(), 3, 2.5)));
    }

    #[test]
    fn this_process_and_its_children_are_found() {
        let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let usage = usage_of(&[std::process::id()]);
        assert!(usage.contains_key(&child.id()), "{usage:?}");
        assert!(usage[&std::process::id()].peak_kib >= usage[&std::process::id()].resident_kib);
        assert!(usage[&std::process::id()].resident_kib > 0);
        // Its input ends, and so does it.
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
    }
}
