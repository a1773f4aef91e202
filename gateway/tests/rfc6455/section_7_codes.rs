//! Section 7.4: the codes that a close frame may have.

use crate::raw::{Raw, frame};
use crate::{disconnect_code, fail_the_connection, start};

/// Each of these codes must be heard and answered as it is.
async fn are_taken(codes: &[u16]) {
    let cloud = start().await;
    for code in codes {
        let mut raw = Raw::open(cloud.websocket).await;
        raw.frame(0x88, &code.to_be_bytes()).await;
        assert_eq!(raw.close_code().await, *code);
        assert_eq!(disconnect_code(&cloud).await, u64::from(*code));
    }
}

/// Each of these codes breaks the protocol.
async fn are_refused(codes: &[u16]) {
    let cases: Vec<_> = codes.iter().map(|code| ("", frame(0x88, &code.to_be_bytes()), 1002)).collect();
    fail_the_connection(&cases).await;
}

/// The codes that the RFC defines for endpoints.
#[tokio::test]
async fn rfc_7_4_1_the_defined_codes_are_taken() {
    are_taken(&[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011]).await;
}

/// 1004 is reserved; 1005, 1006 and 1015 MUST NOT be set in a close frame.
#[tokio::test]
async fn rfc_7_4_1_the_codes_that_nobody_may_send_fail_the_connection() {
    are_refused(&[1004, 1005, 1006, 1015]).await;
}

/// Codes 0 to 999 are not used.
#[tokio::test]
async fn rfc_7_4_2_codes_below_1000_fail_the_connection() {
    are_refused(&[0, 1, 999]).await;
}

/// Codes 1000 to 2999 are for the protocol itself: a code that it does not define is invalid. (1014 was registered later, but
/// for gateways to their clients: no client has a reason to send it.)
#[tokio::test]
async fn rfc_7_4_2_undefined_codes_of_the_protocol_fail_the_connection() {
    are_refused(&[1014, 1016, 1100, 2000, 2999]).await;
}

/// Codes that were registered after the RFC are codes.
#[tokio::test]
async fn rfc_7_4_2_codes_that_were_registered_later_are_taken() {
    are_taken(&[1012, 1013]).await;
}

/// Codes 3000 to 3999 are registered by others, 4000 to 4999 are private.
#[tokio::test]
async fn rfc_7_4_2_codes_of_libraries_and_applications_are_taken() {
    are_taken(&[3000, 3999, 4000, 4999]).await;
}

/// There are no codes above 4999.
#[tokio::test]
async fn rfc_7_4_2_codes_above_4999_fail_the_connection() {
    are_refused(&[5000, 65_535]).await;
}

/// If there is a payload, its first two bytes are the code: a single byte is invalid.
#[tokio::test]
async fn rfc_7_4_half_a_code_fails_the_connection() {
    fail_the_connection(&[("", frame(0x88, &[3]), 1002)]).await;
}
