//! Moderation: acts of hosts and moderators, the log of them, and what staff know about a user.

pub mod act;
pub mod api;
mod automod;
mod by_rule;
pub mod card;
pub mod commit;
pub mod decide;
mod delete;
mod dismiss;
mod draws;
pub mod log;
pub mod message;
pub mod modes;
mod pin;
mod plan;
mod plan_on_user;
mod polls;
mod restore;
pub mod sanctions;
pub mod sessions;
pub mod store_log;
pub mod store_people;
pub mod store_sanctions;
pub mod store_unfinished;
pub mod terms;
pub mod users;
