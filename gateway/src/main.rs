//! `cargo run`: the whole chat on this machine.

/// A local cloud allocates for API Gateway, Lambda, DynamoDB and the functions at once, on a few threads, small pieces that others free:
/// what this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    gateway::main()
}
