//! The one table of functions: the name of each, what calls it, and its handlers.
//!
//! The Lambda binaries ([`main!`](crate::main)) and the calls in this process ([`crate::local`]) follow from it. A test holds
//! `template.yaml`, `src/bin`, the sample events and the API documents to it, and lists what a new line lacks elsewhere.

mod entry;

use self::entry::{hook, http, job};
pub use crate::function::{Answer, Function, Invocation, Route, Trigger};

/// All functions. Each route of the guide has a function of its own, with the route that takes its effect back; the staff's routes share
/// one by capability (`docs/decisions/006-functions-by-capability.md`). Each route is a line `key => handler: [capabilities]`: the caller
/// has one of them (docs/contract.md, Who may do what), or needs none if the list is empty.
pub const TABLE: &[Function] = &[
    http!("status", "GET /live-chat/status" => status: []),
    http!("messages", "GET /live-chat/messages" => messages: [Read]),
    http!("viewers", "GET /live-chat/viewers" => viewers: [Read]),
    http!("likes", "GET /live-chat/likes" => likes: [Read]),
    http!("stats", "GET /live-chat/stats" => stats: [Read]),
    http!("like", "POST /live-chat/like" => like: [React], "DELETE /live-chat/like" => unlike: [React]),
    http!(
        "like-message",
        "POST /live-chat/like-message/{message_id}" => like_message: [React],
        "DELETE /live-chat/like-message/{message_id}" => unlike_message: [React],
    ),
    http!("send-message", "POST /live-chat/send-message" => send_message: [Send]),
    http!(
        "engage",
        "POST /live-chat/react" => react: [React],
        "GET /live-chat/questions" => questions: [Read],
        "GET /live-chat/polls" => polls: [Read],
        "POST /live-chat/polls/{poll_id}/vote" => vote: [React],
        "GET /live-chat/draws" => draws: [Read],
        "GET /live-chat/draws/{draw_id}/entrants" => entrants: [Read],
    ),
    http!(
        "announce",
        "POST /live-chat/announcements" => announce: [Announce],
        "POST /live-chat/events" => send_event: [Announce],
        "POST /live-chat/polls" => start_poll: [Announce],
        "POST /live-chat/polls/{poll_id}/close" => close_poll: [Announce],
        "POST /live-chat/draws" => start_draw: [Announce],
        "POST /live-chat/draws/{draw_id}/reveal" => reveal_draw: [Announce],
        "POST /live-chat/draws/{draw_id}/redraw" => redraw: [Announce],
    ),
    http!("report-message", "POST /live-chat/report-message/{message_id}" => report_message: [Send]),
    http!("delete-message", "DELETE /live-chat/messages/{message_id}" => delete_message: [Send, Moderate]),
    http!(
        "moderate",
        "POST /live-chat/moderation/actions" => moderation_act: [Moderate, Manage, Announce],
        "GET /live-chat/moderation/actions" => moderation_log: [Moderate, Audit],
        "GET /live-chat/moderation/actions/{action_id}" => moderation_action: [Moderate, Audit],
        "GET /live-chat/moderation/held" => moderation_held: [Moderate, Audit],
        "GET /live-chat/moderation/messages/{message_id}" => moderation_message: [Moderate, Audit],
        "GET /live-chat/moderation/users" => moderation_users: [Moderate, Audit],
        "GET /live-chat/moderation/users/{user_id}" => moderation_user: [Moderate, Audit],
        "GET /live-chat/moderation/presets" => moderation_presets: [Moderate, Audit],
        "PUT /live-chat/moderation/presets" => moderation_put_presets: [Manage],
        "GET /live-chat/moderation/reports" => moderation_reports: [Moderate, Audit],
        "GET /live-chat/moderation/sanctions" => moderation_sanctions: [Moderate, Audit],
        "GET /live-chat/moderation/terms" => moderation_terms: [Moderate, Audit],
        "PUT /live-chat/moderation/terms" => moderation_put_terms: [Manage],
        "POST /live-chat/moderation/terms/test" => moderation_test_terms: [Moderate],
        "POST /live-chat/questions/{message_id}/answered" => answer_question: [Moderate],
    ),
    http!(
        "sessions",
        "GET /live-chat/sessions" => sessions: [Read],
        "POST /live-chat/sessions" => create_session: [Manage],
        "GET /live-chat/sessions/{session_id}" => session: [Read],
        "PATCH /live-chat/sessions/{session_id}" => update_session: [Manage],
        "POST /live-chat/sessions/{session_id}/end" => end_session: [Manage],
    ),
    http!("export", "GET /live-chat/sessions/{session_id}/export" => export: [Manage]),
    http!("ticket", "POST /live-chat/ticket" => ticket: [Read]),
    hook!("ws-connect", "$connect" => ws_connect),
    hook!("ws-message", "$default" => ws_message),
    hook!("ws-disconnect", "$disconnect" => ws_disconnect),
    job!("broadcast", broadcast),
    job!("fan-out", fan_out),
    job!("flush-later", flush_later),
    job!("housekeep", housekeep),
    job!("outward", outward),
];

/// The names of all functions.
pub const NAMES: [&str; TABLE.len()] = {
    let mut names = [""; TABLE.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = TABLE[at].name;
        at += 1;
    }
    names
};

/// The function with this name, when a program is compiled: so a binary holds its own handlers and no others.
///
/// # Panics
/// If the table has no such function, which is an error of the compiler then.
pub const fn function(name: &str) -> Function {
    let mut at = 0;
    while at < TABLE.len() {
        if is_same(TABLE[at].name, name) {
            return TABLE[at];
        }
        at += 1;
    }
    panic!("functions/src/table.rs has no function with the name of this file")
}

const fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let (mut at, mut same) = (0, left.len() == right.len());
    while same && at < left.len() {
        same = left[at] == right[at];
        at += 1;
    }
    same
}

/// The main function of a Lambda binary: it serves the function that is named as the binary is.
#[macro_export]
macro_rules! main {
    () => {
        fn main() -> Result<(), lambda_runtime::Error> {
            const MAIN: fn() -> Result<(), lambda_runtime::Error> =
                $crate::table::function(env!("CARGO_BIN_NAME")).main;
            MAIN()
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_and_no_key_stands_twice() {
        let keys = TABLE.iter().flat_map(|function| match function.trigger {
            Trigger::Routes(routes) => routes.iter().map(|route| route.key).collect(),
            Trigger::Hook { key, .. } => vec![key],
            Trigger::Job { .. } => Vec::new(),
        });
        let keys: Vec<&str> = keys.collect();
        assert_eq!(BTreeSet::from(NAMES).len(), TABLE.len());
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    }

    #[test]
    fn a_binary_finds_its_function_by_the_whole_name() {
        assert!(NAMES.iter().all(|name| function(name).name == *name));
        assert_eq!((function("like").name, function("likes").name), ("like", "likes"));
    }
}
