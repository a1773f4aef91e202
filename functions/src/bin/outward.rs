//! The Lambda binary `outward`.

functions::main!();
