//! The Lambda binary `send-message`.

functions::main!();
