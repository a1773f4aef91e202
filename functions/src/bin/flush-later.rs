//! The Lambda binary `flush-later`.

functions::main!();
