//! The rules of moderation.

pub mod action_id;
pub mod entry;
pub mod fields;
pub mod request;
pub mod standing;
pub mod standing_view;
