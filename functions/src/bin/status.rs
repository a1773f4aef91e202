//! The Lambda binary `status`.

functions::main!();
