//! The gateway as the tests start it in a process of its own: the same main, with a clock that can be moved.

fn main() -> std::process::ExitCode {
    gateway::main()
}
