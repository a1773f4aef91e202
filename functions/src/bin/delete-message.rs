//! The Lambda binary `delete-message`.

functions::main!();
