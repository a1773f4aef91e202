//! `cargo run`: the whole chat on this machine.

fn main() -> std::process::ExitCode {
    gateway::main()
}
