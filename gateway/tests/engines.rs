//! Functions as processes behind the Runtime API: they start, crash, hang and run concurrently, as in Lambda.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway::engine::processes::{self, Programs};
use gateway::engine::trace::Trace;
use gateway::engine::{Code, Engine, Function, FunctionError, InvokeError};
use gateway::template::Template;
use tokio::sync::{Semaphore, watch};

/// An HTTP client in Bash for the Runtime API: `call METHOD PATH [BODY]` prints the head and body of the response.
const PRELUDE: &str = r#"#!/bin/bash
base=${AWS_LAMBDA_RUNTIME_API#http://}
authority=${base%%/*} prefix=/${base#*/}
call() {
  exec 3<>"/dev/tcp/${authority%:*}/${authority#*:}"
  printf '%s %s/2018-06-01/runtime/%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%sContent-Length: %s\r\n\r\n%s' \
    "$1" "$prefix" "$2" "${host-$authority}" "${headers-}" "${#3}" "$3" >&3
  cat <&3
  exec 3>&-
}
next() { head=$(call GET invocation/next); id=$(sed -n 's/^lambda-runtime-aws-request-id: \([^\r]*\).*/\1/p' <<<"$head"); }
"#;

/// An engine whose functions are all this script, with a timeout of a second.
async fn engine_of(script: &str) -> (Engine, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("bootstrap");
    std::fs::write(&program, format!("{PRELUDE}{script}\n")).expect("writable");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("our own file");
    let template = include_str!("../../template.yaml").replace("Timeout: 10\n", "Timeout: 1\n");
    let template = Template::parse(&template).expect("the template");
    assert_eq!(template.functions["status"].timeout, Duration::from_secs(1));
    let programs: Programs = template.functions.keys().map(|name| (name.clone(), program.clone())).collect();
    let path = std::env::var("PATH").expect("a path");
    let environment = BTreeMap::from([
        ("PATH".to_owned(), path),
        ("COUNT_FILE".to_owned(), folder.path().join("starts").display().to_string()),
    ]);
    (processes::engine(&template, &programs, |_| environment.clone(), None).await.expect("an engine"), folder)
}

#[tokio::test]
async fn of_three_hundred_invocations_at_once_256_run_and_the_others_wait_their_turn() {
    let (gate, (running, mut seen)) = (Arc::new(Semaphore::new(0)), watch::channel((0_usize, 0_usize)));
    let open = Arc::clone(&gate);
    let code: Code = Arc::new(move |_event, _context| {
        let (gate, running) = (Arc::clone(&gate), running.clone());
        Box::pin(async move {
            running.send_modify(|(now, most)| (*now, *most) = (*now + 1, (*now + 1).max(*most)));
            drop(gate.acquire().await);
            running.send_modify(|(now, _)| *now -= 1);
            Ok(Bytes::new().into())
        })
    });
    let function = Function { code, timeout: Duration::from_secs(60) };
    let engine = Engine::new(BTreeMap::from([("status".to_owned(), function)]));
    let all: Vec<_> = (0..300).map(|_| engine.clone()).collect();
    let all = all.into_iter().map(|engine| async move { engine.invoke("status", Bytes::new()).await });
    let all = tokio::spawn(futures_util::future::join_all(all));
    let in_time = tokio::time::timeout(Duration::from_secs(10), seen.wait_for(|(now, _)| *now == 256));
    drop(in_time.await.expect("256 run").expect("the engine lives"));
    open.add_permits(1);
    let answers = tokio::time::timeout(Duration::from_secs(10), all).await.expect("all end").expect("no panic");
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(*seen.borrow(), (0, 256));
}

async fn failure(engine: &Engine) -> FunctionError {
    match engine.invoke("status", Bytes::from_static(b"{}")).await {
        Err(InvokeError::Failed { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_process_answers_one_event_after_the_other() {
    let script = r#"echo start >> "$COUNT_FILE"; while next; do call POST "invocation/$id/response" '{"by":'$$'}' >/dev/null; done"#;
    let (engine, folder) = engine_of(script).await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(engine.invoke("status", Bytes::from_static(b"{}")).await.expect("an answer"));
    }
    assert_eq!((&answers[0], &answers[1]), (&answers[1], &answers[2]), "the same process");
    assert_eq!(std::fs::read_to_string(folder.path().join("starts")).expect("started").lines().count(), 1);
}

#[tokio::test]
async fn events_at_the_same_time_are_given_to_processes_of_their_own() {
    // Each answers only once all three have started: one after the other would never end.
    let script = r#"next; echo "$id" >> "$COUNT_FILE"; until [ "$(wc -l < "$COUNT_FILE")" = 3 ]; do :; done
      call POST "invocation/$id/response" '"all three"' >/dev/null; next"#;
    let (engine, _folder) = engine_of(script).await;
    let invoke = || engine.invoke("broadcast", Bytes::from_static(b"{}"));
    let (one, two, three) = tokio::join!(invoke(), invoke(), invoke());
    for answer in [one, two, three] {
        assert_eq!(answer.expect("an answer"), "\"all three\"");
    }
}

#[tokio::test]
async fn an_error_that_the_function_reports_is_told_with_its_type() {
    let script =
        r#"next; call POST "invocation/$id/error" '{"errorType":"Mine","errorMessage":"as said"}' >/dev/null; next"#;
    let (engine, _folder) = engine_of(script).await;
    let expected = FunctionError { error_type: "Mine".to_owned(), error_message: "as said".to_owned() };
    assert_eq!(failure(&engine).await, expected);
}

#[tokio::test]
async fn a_crash_in_the_middle_is_an_exit_error_and_the_next_event_gets_a_new_process() {
    let script = r#"echo start >> "$COUNT_FILE"; next
      if [ "$(wc -l < "$COUNT_FILE")" = 1 ]; then kill -9 $$; fi
      call POST "invocation/$id/response" '"well"' >/dev/null; next"#;
    let (engine, _folder) = engine_of(script).await;
    let crash = failure(&engine).await;
    assert_eq!(crash.error_type, "Runtime.ExitError");
    assert!(crash.error_message.contains("signal: 9"), "{}", crash.error_message);
    assert_eq!(engine.invoke("status", Bytes::from_static(b"{}")).await.expect("an answer"), "\"well\"");
}

#[tokio::test]
async fn a_process_that_cannot_begin_says_why() {
    let script = r#"call POST init/error '{"errorType":"Init","errorMessage":"no table"}' >/dev/null; exit 1"#;
    let (engine, _folder) = engine_of(script).await;
    let expected = FunctionError { error_type: "Init".to_owned(), error_message: "no table".to_owned() };
    assert_eq!(failure(&engine).await, expected);
    let (engine, _folder) = engine_of("exit 3").await;
    let silent = failure(&engine).await;
    assert_eq!(silent.error_type, "Runtime.ExitError");
    assert!(silent.error_message.contains("exit status: 3"), "{}", silent.error_message);
}

#[tokio::test]
async fn a_process_that_takes_too_long_is_killed() {
    let (engine, folder) = engine_of(r#"next; echo $$ > "$COUNT_FILE"; while :; do :; done"#).await;
    let late = failure(&engine).await;
    assert_eq!(late.error_type, "Sandbox.Timedout");
    assert_eq!(late.error_message, "Task timed out after 1.00 seconds");
    let id = std::fs::read_to_string(folder.path().join("starts")).expect("started");
    let state = || std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    let gone = async {
        while !state().is_empty() && !state().contains(") Z ") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("it was killed");
}

#[tokio::test]
async fn the_process_hears_of_the_trace_that_its_event_is_part_of() {
    let script = r#"while next; do
  trace=$(sed -n 's/^lambda-runtime-trace-id: \([^\r]*\).*/\1/p' <<<"$head")
  call POST "invocation/$id/response" "\"$trace\"" >/dev/null
done"#;
    let (engine, _folder) = engine_of(script).await;
    let trace = Trace::of(Some("Root=1-5759e988-bd862e3fe1be46a994272793"));
    let answer = engine.invoke_traced("status", Bytes::from_static(b"{}"), &trace).await.expect("an answer");
    assert_eq!(answer, format!("{:?}", trace.as_str()));
    assert!(trace.as_str().starts_with("Root=1-5759e988-bd862e3fe1be46a994272793;Parent="), "{trace:?}");
}

#[tokio::test]
async fn the_runtime_api_serves_the_process_alone_and_no_page() {
    // Each line of the answer is the status of one attempt to take the next event; the last one is the process's own.
    let script = r#"next
  status() { call GET invocation/next | head -1 | cut -d' ' -f2; }
  told="$(headers=$'Origin: http://localhost:8000\r\n' status) $(headers=$'Origin: null\r\n' status)"
  told="$told $(headers=$'Sec-Fetch-Site: cross-site\r\n' status) $(host=evil.example:${authority#*:} status)"
  told="$told $(host=localhost status) $(prefix=/$(printf '0%.0s' {1..32}) status) $(prefix= status)"
  call POST "invocation/$id/response" "\"$told ${#prefix}\"" >/dev/null; next"#;
    let (engine, _folder) = engine_of(script).await;
    let answer = engine.invoke("status", Bytes::from_static(b"{}")).await.expect("an answer");
    assert_eq!(answer, "\"403 403 403 403 403 403 404 33\"");
}

#[tokio::test]
async fn a_process_whose_response_is_too_large_has_failed_at_once() {
    // One byte more than Lambda takes.
    let script = r#"next; exec 3<>"/dev/tcp/${authority%:*}/${authority#*:}"
      printf 'POST %s/2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\nContent-Length: 6291557\r\n\r\n' \
        "$prefix" "$id" "$authority" >&3
      head -c 6291557 /dev/zero >&3; cat <&3 >/dev/null"#;
    let (engine, _folder) = engine_of(script).await;
    assert_eq!(failure(&engine).await.error_type, "Function.ResponseSizeTooLarge");
}
