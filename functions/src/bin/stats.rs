//! The Lambda binary `stats`.

functions::main!();
