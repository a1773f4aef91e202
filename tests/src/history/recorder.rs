//! Collects the events of a run.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::event::Event;

/// See the module. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    events: Arc<Mutex<Vec<Event>>>,
    noted: Arc<Notify>,
    documented: Arc<AtomicUsize>,
}

impl Recorder {
    /// Records an event.
    pub fn note(&self, event: impl Into<Event>) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event.into());
        self.noted.notify_waiters();
    }

    /// Records whether a response or frame is documented.
    pub fn document(&self, outcome: Result<(), String>) {
        self.documented.fetch_add(1, Ordering::SeqCst);
        if let Err(what) = outcome {
            self.note(Event::Undocumented { what });
        }
    }

    /// How many responses and frames were checked against the documents.
    pub fn documented(&self) -> usize {
        self.documented.load(Ordering::SeqCst)
    }

    /// Waits until the events so far fulfil a condition.
    pub async fn until(&self, holds: impl Fn(&[Event]) -> bool) {
        loop {
            let mut noted = std::pin::pin!(self.noted.notified());
            // An event between the look and the wait ends the wait, too.
            noted.as_mut().enable();
            if holds(&self.events.lock().unwrap_or_else(PoisonError::into_inner)) {
                return;
            }
            noted.await;
        }
    }

    /// All events so far.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for the next event, for at most this long.
    pub async fn wait(&self, at_most: std::time::Duration) {
        let _nothing_came = tokio::time::timeout(at_most, self.noted.notified()).await;
    }
}
