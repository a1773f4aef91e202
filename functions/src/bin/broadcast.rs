//! The Lambda binary `broadcast`.

functions::main!();
