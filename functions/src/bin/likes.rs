//! The Lambda binary `likes`.

functions::main!();
