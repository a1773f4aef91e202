//! The history of a run: its events, as clients saw them, and the tables at its end. [`check()`] judges it from this data alone.

mod audit;
mod check;
#[cfg(test)]
mod check_tests;
mod counts;
mod covers;
mod deletions;
mod delivery;
mod draw_events;
mod draws;
mod entered;
mod event;
mod held;
mod judged;
mod likes;
mod moderation;
mod modes;
mod notices;
mod pin_events;
mod pins;
mod polls;
mod question_events;
mod questions;
mod reactions;
mod recorder;
mod rule;
mod run;
mod sanctions;
mod sockets;
mod staff;
mod stored;
pub mod stored_poll;
mod told_events;

pub use check::check;
pub use draw_events::{Draw, DrawEvent, StoredDraw};
pub use event::{Audience, Event};
pub use judged::judged;
pub use moderation::{Deed, Heard, HeldRow, LogEntry, Moderation, ModesRow, StandingRow};
pub use pin_events::{PinEvent, Pinned};
pub use question_events::{ListedQuestion, QuestionEvent};
pub use recorder::Recorder;
pub use rule::{Breach, Rule};
pub use run::{End, History, Row};
