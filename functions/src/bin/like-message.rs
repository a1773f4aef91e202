//! The Lambda binary `like-message`.

functions::main!();
