//! Attributes of a row that was read as JSON.

use serde_json::Value;

/// A text; empty if there is none.
pub(super) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

/// A number; 0 if there is none.
pub(super) fn number(row: &Value, name: &str) -> u64 {
    // A counter that was corrected below zero reads as zero.
    row[name].as_i64().map_or(0, |number| number.max(0) as u64)
}
