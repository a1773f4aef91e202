//! The budgets of a user: how much a user may do in a minute (docs/contract.md, Limits).
//!
//! A write for each ping, page or handshake would cost more than what it counts, so each process counts in its memory and writes after
//! every tenth (docs/decisions/002-frame-budget.md). A single process counts exactly; `n` of them let at most `9 (n - 1)` more pass.

/// A process writes a count after this many that are not written yet.
pub const STRIDE: u64 = 10;

/// What a budget is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Budget {
    /// Frames, on all sockets together.
    Frames,
    /// Handshakes of sockets.
    Handshakes,
    /// Tickets.
    Tickets,
    /// Pages of messages over REST, and `resume` frames.
    Pages,
}

impl Budget {
    /// All of them.
    pub const ALL: [Budget; 4] = [Budget::Frames, Budget::Handshakes, Budget::Tickets, Budget::Pages];

    /// The name in the key of its row, and in texts.
    pub fn name(self) -> &'static str {
        match self {
            Budget::Frames => "frames",
            Budget::Handshakes => "handshakes",
            Budget::Tickets => "tickets",
            Budget::Pages => "pages",
        }
    }
}

/// What a process knows of a user's count in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The count in the table, as far as this process knows it.
    written: u64,
    /// What this process has admitted since, which is not in the table yet.
    unwritten: u64,
}

/// The decision on one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass.
    Pass,
    /// So many are to be added to the table, which tells whether it may pass.
    Write(u64),
    /// The limit is reached, and the table says so already: a refusal costs no write.
    Refuse,
}

impl Count {
    /// Counts one more.
    pub fn spend(&mut self, limit: u64) -> Verdict {
        if self.total() > limit {
            return Verdict::Refuse;
        }
        self.unwritten += 1;
        // The first one beyond the limit is written at once: other processes then learn of it, and this one needs no other write.
        if self.unwritten < STRIDE && self.total() <= limit {
            return Verdict::Pass;
        }
        let to_write = std::mem::take(&mut self.unwritten);
        // They count as written from now on, so nothing passes twice while the write is under way.
        self.written += to_write;
        Verdict::Write(to_write)
    }

    /// Learns the count in the table. Returns whether the limit holds with it.
    pub fn learn(&mut self, written: u64, limit: u64) -> bool {
        self.written = self.written.max(written);
        self.total() <= limit
    }

    fn total(self) -> u64 {
        self.written + self.unwritten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What passes if requests reach processes in an order, and the writes to the table.
    fn admitted(limit: u64, processes: usize, order: impl Iterator<Item = usize>) -> (u64, u64) {
        let (mut counts, mut table, mut passed, mut writes) = (vec![Count::default(); processes], 0, 0, 0);
        for process in order {
            let passes = match counts[process].spend(limit) {
                Verdict::Pass => true,
                Verdict::Refuse => false,
                Verdict::Write(more) => {
                    table += more;
                    writes += 1;
                    counts[process].learn(table, limit)
                }
            };
            passed += u64::from(passes);
        }
        (passed, writes)
    }

    #[test]
    fn one_process_admits_exactly_the_limit() {
        for (limit, writes) in [(1, 1), (9, 1), (10, 2), (60, 7), (120, 13), (125, 13), (300, 31)] {
            assert_eq!(admitted(limit, 1, (0..10_000).map(|_| 0)), (limit, writes), "{limit}");
        }
    }

    #[test]
    fn several_processes_admit_at_most_nine_more_each_and_never_less_than_the_limit() {
        for limit in [1, 10, 60, 120, 300] {
            for processes in [1, 2, 3, 24, 100] {
                let bound = limit + (STRIDE - 1) * (processes as u64 - 1);
                let many = 400 * processes;
                let one_after_the_other = (0..many).map(|i| i % processes);
                let in_turns_of = |turn: usize| (0..many).map(move |i| i / turn % processes);
                // The multiplier is prime to all numbers of processes.
                let scattered = (0..many).map(|i| (i * 7_919 + i * i / 3) % processes);
                for (name, (passed, writes)) in [
                    ("one after the other", admitted(limit, processes, one_after_the_other)),
                    ("in turns of 9", admitted(limit, processes, in_turns_of(9))),
                    ("in turns of 10", admitted(limit, processes, in_turns_of(10))),
                    ("in turns of 400", admitted(limit, processes, in_turns_of(400))),
                    ("scattered", admitted(limit, processes, scattered)),
                ] {
                    assert!((limit..=bound).contains(&passed), "{limit}, {processes} processes, {name}: {passed}");
                    let most = limit / STRIDE + 1 + processes as u64;
                    assert!(writes <= most, "{limit}, {processes} processes, {name}: {writes} writes");
                }
            }
        }
    }

    #[test]
    fn the_bound_is_reached_so_it_is_not_stated_too_high() {
        // Each of two processes admits nine; then the first one uses up the limit.
        let order = (0..9).map(|_| 1).chain((0..200).map(|_| 0)).chain((0..200).map(|_| 1));
        let (passed, _) = admitted(60, 2, order);
        assert_eq!(passed, 69);
    }

    #[test]
    fn what_is_being_written_counts_already() {
        let mut count = Count::default();
        let verdicts: Vec<Verdict> = (0..12).map(|_| count.spend(10)).collect();
        assert!(verdicts[..9].iter().all(|verdict| *verdict == Verdict::Pass));
        assert_eq!(verdicts[9..], [Verdict::Write(10), Verdict::Write(1), Verdict::Refuse]);
    }
}
