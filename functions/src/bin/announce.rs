//! The Lambda binary `announce`.

functions::main!();
