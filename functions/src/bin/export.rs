//! The Lambda binary `export`.

functions::main!();
