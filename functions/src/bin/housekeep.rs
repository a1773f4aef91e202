//! The Lambda binary `housekeep`.

functions::main!();
