//! The Lambda binary `fan-out`.

functions::main!();
