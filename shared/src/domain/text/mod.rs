//! Texts and names as people paste them (docs/contract.md, Texts and names): cleaned, not refused.
//!
//! [`message_text::MessageText`] and [`display_name::DisplayName`] are the only ways in, by REST, by a socket and by a token.

pub(super) mod characters;
mod directions;
pub mod display_name;
mod joiners;
mod line;
mod lines;
pub mod look_alike;
mod marks;
pub mod message_text;
pub mod picture;

pub use line::{excerpt, label};

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod properties;
