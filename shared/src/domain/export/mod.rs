//! The export of a session: its records, the three formats in which they are written, and the place at which the next page begins
//! (docs/contract.md, Export).

pub mod csv;
pub mod position;
pub mod record;
pub mod request;
pub mod sum;
pub mod vtt;
pub mod wanted;
pub mod writer;
