//! The rules in the session's row: read, and changed by plain updates. No transaction touches that row, for at hundreds of messages a
//! second it would conflict for ever.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::rules::Rules;
use super::store::SessionRow;
use crate::domain::moderation::modes::ShieldedModes;
use crate::platform::dynamo::calls::{Consistency, attributes_of, number};
use crate::platform::dynamo::{Store, StoreError, keys};

/// What a change of the rules copies into the session's row.
pub(super) enum Copied {
    /// Nothing: the standing of a user has changed.
    Nothing,
    /// The modes, as they were set for the nth time.
    Modes(ShieldedModes, u64),
    /// The version of the list of terms.
    Terms(u64),
}

impl Copied {
    /// The assignments, the condition that nothing newer is there, and the values of both.
    fn expressions(self) -> (&'static str, &'static str, HashMap<String, AttributeValue>) {
        #[derive(Serialize)]
        struct Modes {
            #[serde(rename = ":modes")]
            modes: ShieldedModes,
            #[serde(rename = ":version")]
            version: u64,
        }
        match self {
            Copied::Nothing => ("", "", HashMap::new()),
            Copied::Modes(modes, version) => (
                "modes = :modes, modes_version = :version, ",
                " AND (attribute_not_exists(modes_version) OR modes_version < :version)",
                attributes_of(Modes { modes, version }),
            ),
            Copied::Terms(version) => (
                "terms_version = :version, ",
                " AND (attribute_not_exists(terms_version) OR terms_version < :version)",
                HashMap::from([(":version".to_owned(), number(version))]),
            ),
        }
    }
}

impl Store {
    /// The rules of a session in force, strongly consistent; those of a new session if there is none.
    pub async fn rules(&self, session_id: u64) -> Result<Rules, StoreError> {
        let row: Option<SessionRow> = self.get(&self.chat, &keys::session(session_id), Consistency::Strong).await?;
        Ok(row.map(|row| row.rules()).unwrap_or_default())
    }

    /// Changes the version of a session's rules: whatever was judged by an earlier one gets no number any more, and is judged again. Nothing
    /// happens to a session that does not exist.
    pub async fn change_rules(&self, session_id: u64) -> Result<(), StoreError> {
        self.copy_rules(session_id, Copied::Nothing).await
    }

    /// Copies rules into the session's row, with the next version of all of them. Repeatable: newer ones stay.
    pub(super) async fn copy_rules(&self, session_id: u64, copied: Copied) -> Result<(), StoreError> {
        let (assignments, condition, values) = copied.expressions();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session_id).attributes()))
            .update_expression(format!("SET {assignments}rules_version = if_not_exists(rules_version, :none) + :one"))
            .condition_expression(format!("attribute_exists(pk){condition}"))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1));
        for (name, value) in values {
            update = update.expression_attribute_values(name, value);
        }
        self.update(update).await.map(drop)
    }
}
