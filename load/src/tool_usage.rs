//! Keeps the tool itself out of the way of the chat, and tells whether it is the limit: then its figures are about itself, not about
//! the chat.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::time::Instant;

use crate::histogram::{histogram, note};
use crate::processes::own_cpu_seconds;

/// How often the tool looks at how late it is.
const LOOK: Duration = Duration::from_millis(10);
/// More than this share of its one core is too much.
const BUSY: f64 = 0.8;
/// Being this late, in one look of a hundred, is too much.
const LATE: Duration = Duration::from_millis(20);

/// From now on this thread is scheduled as a batch job (`SCHED_BATCH`, sched(7)): it runs as often as others, but a frame that wakes
/// it does not interrupt a chat on the same cores. Latencies can only get longer by it.
///
/// # Errors
/// A sentence, where the system has no such thing or does not allow it.
pub(crate) fn step_back() -> Result<(), String> {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::unix::{NormalThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id};
        use thread_priority::{ThreadPriority, ThreadSchedulePolicy};
        let batch = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
        let set = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Os(Default::default()), batch);
        set.map_err(|error| format!("the load tool interrupts a chat on the same cores: {error}"))
    }
    #[cfg(not(target_os = "linux"))]
    Err("the load tool interrupts a chat on the same cores: only Linux can prevent that".to_owned())
}

/// Watches this process while something is measured.
pub(crate) struct Watch {
    begun: Instant,
    cpu_before: f64,
    late: Rc<RefCell<Histogram<u64>>>,
    looking: tokio::task::JoinHandle<()>,
}

/// The usage of this tool.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct ToolUsage {
    /// CPU seconds a second; the tool has one core.
    pub cpu_share: f64,
    /// How late its own timer was in the worst of a hundred looks, in milliseconds: as much may be added to latencies.
    pub lag_p99_ms: f64,
}

impl Watch {
    pub(crate) fn begin() -> Watch {
        let late = Rc::new(RefCell::new(histogram()));
        let noted = Rc::clone(&late);
        let looking = tokio::task::spawn_local(async move {
            loop {
                let due = Instant::now() + LOOK;
                tokio::time::sleep_until(due).await;
                note(&mut noted.borrow_mut(), due.elapsed().as_micros() as u64);
            }
        });
        Watch { begun: Instant::now(), cpu_before: own_cpu_seconds(), late, looking }
    }

    pub(crate) fn end(self) -> ToolUsage {
        self.looking.abort();
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let lag_us = self.late.borrow().value_at_quantile(0.99);
        ToolUsage { cpu_share: (own_cpu_seconds() - self.cpu_before) / seconds, lag_p99_ms: lag_us as f64 / 1000.0 }
    }
}

impl ToolUsage {
    /// A sentence if the figures are not to be trusted.
    pub(crate) fn warning(self) -> Option<String> {
        let percent = self.cpu_share * 100.0;
        if self.cpu_share > BUSY {
            return Some(format!("the load tool itself is the limit: it used {percent:.0} % of its one core"));
        }
        (self.lag_p99_ms > LATE.as_secs_f64() * 1000.0).then(|| {
            format!("the load tool itself was {:.0} ms late at p99: the machine is too busy for it", self.lag_p99_ms)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn the_tool_becomes_a_batch_job() {
        step_back().unwrap();
        // The 41st field (proc_pid_stat(5)); the name before may hold spaces.
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let policy = stat.rsplit(')').next().unwrap().split_whitespace().nth(41 - 3);
        assert_eq!(policy, Some("3"), "SCHED_BATCH");
    }

    #[test]
    fn a_busy_or_late_tool_says_so() {
        let own = |cpu_share, lag_p99_ms| ToolUsage { cpu_share, lag_p99_ms }.warning();
        assert_eq!(own(0.79, 19.0), None);
        assert!(own(0.81, 1.0).unwrap().contains("81 %"));
        assert!(own(0.1, 30.0).unwrap().contains("30 ms late"));
    }
}
