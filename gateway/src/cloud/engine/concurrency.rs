//! Concurrent executions: Lambda refuses what goes beyond a function's reserved ones, or beyond what the account has left for all
//! functions without any.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a new account has after its first days; AWS raises it on request.
pub const ACCOUNT_QUOTA: usize = 1_000;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Concurrency {
    unreserved: Arc<Semaphore>,
    reserved: BTreeMap<String, Arc<Semaphore>>,
}

impl Concurrency {
    /// The account's quota, of which some functions have their own part (`ReservedConcurrentExecutions`).
    pub(super) fn new(account: usize, reserved: &BTreeMap<String, usize>) -> Concurrency {
        let own = |(name, most): (&String, &usize)| (name.clone(), Arc::new(Semaphore::new(*most)));
        let left = account.saturating_sub(reserved.values().sum());
        let unreserved = Arc::new(Semaphore::new(left));
        Concurrency { unreserved, reserved: reserved.iter().map(own).collect() }
    }

    /// A place for one execution, if there is one.
    pub(super) fn admit(&self, function: &str) -> Option<OwnedSemaphorePermit> {
        let places = self.reserved.get(function).unwrap_or(&self.unreserved);
        Arc::clone(places).try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_part_is_taken_from_the_others_and_is_a_limit() {
        let concurrency = Concurrency::new(5, &BTreeMap::from([("broadcast".to_owned(), 2)]));
        let admitted = |name| std::iter::from_fn(|| concurrency.admit(name)).collect::<Vec<_>>();
        let (own, left) = (admitted("broadcast"), admitted("status"));
        assert_eq!((own.len(), left.len()), (2, 3));
        assert!(concurrency.admit("likes").is_none());
        drop(left);
        assert!(concurrency.admit("likes").is_some() && concurrency.admit("broadcast").is_none());
    }
}
