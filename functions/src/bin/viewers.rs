//! The Lambda binary `viewers`.

functions::main!();
