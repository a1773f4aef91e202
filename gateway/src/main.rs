//! `cargo run`: the whole chat on this machine.

/// A local cloud allocates for API Gateway, Lambda, DynamoDB and the functions at once: this allocator makes a delivery cheaper than
/// the C library's does (docs/scale.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    gateway::main()
}
