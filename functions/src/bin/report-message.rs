//! The Lambda binary `like`.

functions::main!();
