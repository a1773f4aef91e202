//! The Lambda binary `ws-message`.

functions::main!();
