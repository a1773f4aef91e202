//! The rate at which `@connections` takes requests.

use tokio::time::Instant;

/// A bucket that holds one second's requests and is refilled steadily; one without a size lets everything pass.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: f64,
    left: f64,
    at: Instant,
}

impl Rate {
    pub(super) fn new(per_second: u32) -> Rate {
        Rate { per_second: f64::from(per_second), left: f64::from(per_second), at: Instant::now() }
    }

    pub(super) fn admits(&mut self, now: Instant) -> bool {
        if self.per_second == 0.0 {
            return true;
        }
        let refilled = self.left + now.duration_since(self.at).as_secs_f64() * self.per_second;
        self.left = refilled.min(self.per_second);
        self.at = now;
        let admitted = self.left >= 1.0;
        if admitted {
            self.left -= 1.0;
        }
        admitted
    }
}
