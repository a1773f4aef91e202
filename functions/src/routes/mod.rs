//! The routes of the HTTP API, a file each: its first line names the route, the rest is caller, input and answer. The runtime
//! has verified the caller before, and writes the response after.

pub mod announce;
pub mod create_session;
pub mod delete_message;
pub mod end_session;
pub mod export;
pub mod like;
pub mod like_message;
pub mod likes;
pub mod messages;
pub mod moderation_act;
pub mod moderation_action;
pub mod moderation_held;
pub mod moderation_log;
pub mod moderation_message;
pub mod moderation_presets;
pub mod moderation_put_presets;
pub mod moderation_put_terms;
pub mod moderation_reports;
pub mod moderation_sanctions;
pub mod moderation_terms;
pub mod moderation_test_terms;
pub mod moderation_user;
pub mod moderation_users;
pub mod report_message;
pub mod send_event;
pub mod send_message;
pub mod session;
pub mod sessions;
pub mod stats;
pub mod status;
pub mod ticket;
pub mod unlike;
pub mod unlike_message;
pub mod update_session;
pub mod viewers;
