//! The rules of moderation.

pub mod action_id;
mod authors;
pub mod clickable;
pub mod entry;
pub mod fields;
mod fold;
pub mod held;
pub mod held_id;
pub mod kept;
pub mod links;
pub mod modes;
pub mod name_prefix;
pub mod pace;
pub mod presets;
pub mod refusal;
pub mod repeats;
pub mod report;
pub mod request;
pub mod review;
pub mod standing;
pub mod standing_view;
pub mod terms;
mod views;
