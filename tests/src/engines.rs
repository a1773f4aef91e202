//! The engine of the tests: the handlers in the gateway's own process, or, with `LIVE_CHAT_ENGINE=process`, the
//! bootstrap binaries. The same tests run on both.

use std::sync::OnceLock;

use gateway::EngineMode;
use gateway::engine::processes::Programs;
use gateway::engine::programs;

/// The engine that `LIVE_CHAT_ENGINE` names. The binaries are built once, with a clock that tests can move.
///
/// # Panics
/// If it names no engine, or the binaries do not build.
pub fn chosen() -> EngineMode {
    match std::env::var("LIVE_CHAT_ENGINE").as_deref() {
        Err(_) | Ok("" | "in-process") => EngineMode::InProcess,
        Ok("process") => processes(),
        Ok(other) => panic!("LIVE_CHAT_ENGINE is {other}, but must be in-process or process"),
    }
}

/// The bootstrap binaries, each a process.
///
/// # Panics
/// If they do not build.
pub fn processes() -> EngineMode {
    static PROGRAMS: OnceLock<Programs> = OnceLock::new();
    // Building this package too gives dependencies the same features as `cargo test`, and makes the clock movable.
    let programs = PROGRAMS.get_or_init(|| programs::build(&["tests"]).expect("the functions build"));
    EngineMode::Processes(programs.clone())
}
