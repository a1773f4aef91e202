//! The Lambda binary `ticket`.

functions::main!();
