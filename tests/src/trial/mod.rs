//! Runs of the chat under faults, each with a verdict.
//!
//! * [`Trial`]: one run. [`profile`]: the faults it meets. `actor` and `late_retry`: the actions of each [`client`] on the `server`, and what it `heard`;
//!   `acting`: an act of staff, and `moderate` all of them: `sanctions`, `holds`, `modes`, `events`, `polls`, `draws` and `questions`, beside `reactions` of others; `notices`: frames that acts leave; [`crowd`]: a room that needs slices; `chaos`: kills, repeated batches and clocks that jump.
//! * `recovery` waits until the chat has recovered; [`tables`] and `moderated` read the rows at the end; [`Verdict`] is the judgement.
//! * [`crash`]: a run in which the gateway itself is killed; [`report`]: many runs as one table.

mod acting;
mod actor;
mod chaos;
pub mod client;
pub mod crash;
pub mod crowd;
mod draws;
mod events;
mod heard;
mod holds;
mod late_retry;
mod moderate;
mod moderated;
mod modes;
mod names;
mod notices;
mod pins;
mod polls;
pub mod profile;
mod questions;
mod reactions;
mod recovery;
pub mod report;
mod row;
mod run;
mod sanctions;
mod server;
pub mod tables;
mod verdict;

pub use run::Trial;
pub use verdict::Verdict;
