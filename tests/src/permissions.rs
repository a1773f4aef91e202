//! The permissions of the template, enforced: no emulator evaluates IAM policies, so a proxy does, for the calls that a test lets through it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::aws_calls::{deletions, needed};
use crate::proxy::{Fate, ProxiedRequest};
use crate::template::{granted, leading_keys};

/// Refuses what the function that signed a request may not do. Clones share what they have refused.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    refused: Arc<Mutex<Vec<String>>>,
}

impl Permissions {
    /// The fate of a request: it passes if the template grants it to its signer, rows to be deleted included.
    pub fn judge(&self, request: &ProxiedRequest) -> Fate {
        let Some(what) = refused(request) else { return Fate::Pass };
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).push(what);
        Fate::denied()
    }

    /// What was refused so far.
    pub fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the signer of a request may not do.
fn refused(request: &ProxiedRequest) -> Option<String> {
    if let Some(call) = needed(request).into_iter().find(|call| !granted().contains(call)) {
        return Some(format!("{call:?}"));
    }
    let is_allowed = |patterns: &[String], partition: &str| patterns.iter().any(|pattern| fits(partition, pattern));
    let deleted = deletions(request).into_iter();
    let mut refused = deleted
        .filter(|(call, partition)| leading_keys(call).is_some_and(|patterns| !is_allowed(&patterns, partition)));
    refused.next().map(|(call, partition)| format!("{call:?} of a row of {partition}"))
}

/// Whether a partition key is like a pattern of `dynamodb:LeadingKeys`.
pub fn fits(partition: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => partition.starts_with(beginning),
        None => partition == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(caller: &str, operation: &str, body: &str) -> ProxiedRequest {
        let (caller, operation) = (caller.to_owned(), operation.to_owned());
        ProxiedRequest { operation, caller, path: "/".to_owned(), body: body.to_owned() }
    }

    fn deletion(pk: &str) -> String {
        format!(r#"{{"TableName": "live-chat-chat", "Key": {{"pk": {{"S": "{pk}"}}, "sk": {{"S": "x"}}}}}}"#)
    }

    #[test]
    fn a_row_may_be_deleted_only_where_the_template_says() {
        let permissions = Permissions::default();
        let housekeep = |operation: &str, body: &str| permissions.judge(&request("housekeep", operation, body));
        assert_eq!(housekeep("DeleteItem", &deletion("standing#ann")), Fate::Pass);
        assert_eq!(housekeep("GetItem", r#"{"TableName": "live-chat-chat"}"#), Fate::Pass);
        assert_eq!(permissions.refused(), Vec::<String>::new());
        assert_eq!(housekeep("DeleteItem", &deletion("messages#1")), Fate::denied());
        let transaction = format!(r#"{{"TransactItems": [{{"Delete": {}}}]}}"#, deletion("session#1"));
        assert_eq!(housekeep("TransactWriteItems", &transaction), Fate::denied());
        assert_eq!(housekeep("DeleteTable", r#"{"TableName": "live-chat-chat"}"#), Fate::denied());
        let refused = permissions.refused();
        assert!(refused.len() == 3 && refused[0].contains("a row of messages#1"), "{refused:?}");
    }

    #[test]
    fn a_pattern_with_a_star_is_of_all_that_begin_so() {
        assert!(fits("held#1", "held#*") && fits("sanctions", "sanctions"));
        assert!(!fits("held", "held#*") && !fits("sanctions#1", "sanctions"));
    }
}
