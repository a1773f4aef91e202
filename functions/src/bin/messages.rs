//! The Lambda binary `messages`.

functions::main!();
