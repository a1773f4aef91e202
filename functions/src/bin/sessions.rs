//! The Lambda binary `sessions`.

functions::main!();
