//! How far an export has come, on a terminal. Elsewhere, such as in a log of cron, nothing is said unless something fails.

use std::io::{IsTerminal, Write};

use super::pages::Page;

/// In characters.
const WIDTH: u64 = 30;

/// See the module.
pub(super) struct Progress {
    is_shown: bool,
    bytes: u64,
}

impl Progress {
    pub(super) fn to_stderr() -> Progress {
        Progress { is_shown: std::io::stderr().is_terminal(), bytes: 0 }
    }

    pub(super) fn show(&mut self, page: &Page) {
        self.bytes += page.body.len() as u64;
        self.say(&format!("\r{}\u{1b}[K", bar(page.numbers.unwrap_or_default(), self.bytes)));
    }

    /// `lines` are those of an export that is whole.
    pub(super) fn end(&self, lines: Option<u64>) {
        self.say(
            &lines
                .map_or_else(|| "\n".to_owned(), |lines| format!("\nComplete: {lines} lines, and the sum is right.\n")),
        );
    }

    fn say(&self, text: &str) {
        if self.is_shown {
            let mut stderr = std::io::stderr().lock();
            let _nobody_looks = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
        }
    }
}

/// Such as `[####……]  40% 400 of 1000, 0.2 MB`.
fn bar((read_to, up_to): (u64, u64), bytes: u64) -> String {
    let part_of = |whole: u64| (whole * read_to).checked_div(up_to).map_or(whole, |part| part.min(whole));
    let (done, percent) = (part_of(WIDTH), part_of(100));
    let (full, empty) = ("#".repeat(done as usize), "-".repeat((WIDTH - done) as usize));
    format!("[{full}{empty}] {percent:>3}% {read_to} of {up_to}, {:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills() {
        assert_eq!(bar((0, 0), 10), format!("[{}] 100% 0 of 0, 0.0 MB", "#".repeat(30)));
        assert_eq!(
            bar((500, 1000), 2_500_000),
            format!("[{}{}]  50% 500 of 1000, 2.5 MB", "#".repeat(15), "-".repeat(15))
        );
        assert!(bar((7, 3), 0).contains("] 100% "));
    }
}
