//! The Lambda binary `moderate`.

functions::main!();
