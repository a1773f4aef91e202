//! The Lambda binary `ws-connect`.

functions::main!();
