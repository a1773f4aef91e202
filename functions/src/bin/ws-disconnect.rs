//! The Lambda binary `ws-disconnect`.

functions::main!();
