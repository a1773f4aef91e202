//! The context that Lambda gives an invocation.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::trace::Trace;

/// The context of an invocation of this function, which begins now.
pub(super) fn context(function_name: &str, timeout: Duration, trace: &Trace) -> lambda_runtime::Context {
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + timeout;
    let mut context = lambda_runtime::Context::default();
    context.request_id = uuid_like();
    context.deadline = deadline.as_millis() as u64;
    context.xray_trace_id = Some(trace.as_str().to_owned());
    context.invoked_function_arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{function_name}");
    context
}

/// A request id of the form that Lambda uses (a version 4 UUID).
pub(crate) fn uuid_like() -> String {
    let r: u128 = rand::random();
    let hex = format!("{:032x}", (r & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
