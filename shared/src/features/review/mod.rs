//! The operator's review handler (docs/contract.md, Review handler), which is asked about each message.

pub mod ask;
pub mod reviewer;
