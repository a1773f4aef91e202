//! The Lambda binary `engage`.

functions::main!();
