//! The gateway that tests start in a process of its own: the same `main`, with a clock that tests can move.

fn main() -> std::process::ExitCode {
    gateway::main()
}
