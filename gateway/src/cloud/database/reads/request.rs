//! The requests that are read here. A field that is not among these, and a text with an escaped character, leaves a request to the engine.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

/// DynamoDB's limits of the bytes of a partition key and of a sort key.
const MAX_KEY_BYTES: (usize, usize) = (2_048, 1_024);

/// A value of the two types that keys and filters have.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub(super) enum Scalar<'a> {
    S(&'a str),
    N(&'a str),
}

/// `GetItem`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Get<'a> {
    pub(super) table_name: &'a str,
    #[serde(borrow)]
    key: BTreeMap<&'a str, Scalar<'a>>,
    /// Each read here is a consistent one.
    #[serde(rename = "ConsistentRead")]
    _consistent_read: Option<bool>,
}

/// `Query`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Query<'a> {
    pub(super) table_name: &'a str,
    pub(super) key_condition_expression: &'a str,
    pub(super) filter_expression: Option<&'a str>,
    #[serde(borrow, default)]
    pub(super) expression_attribute_names: BTreeMap<&'a str, &'a str>,
    #[serde(borrow)]
    pub(super) expression_attribute_values: BTreeMap<&'a str, Scalar<'a>>,
    scan_index_forward: Option<bool>,
    pub(super) limit: Option<u32>,
    #[serde(rename = "ConsistentRead")]
    _consistent_read: Option<bool>,
}

impl<'a> Get<'a> {
    /// The two parts of the key, if they are those of the table and no rule might refuse them.
    pub(super) fn key_of(&self, (pk_name, sk_name): &(String, String)) -> Option<(&'a str, &'a str)> {
        let part = |name: &String| match self.key.get(name.as_str()) {
            Some(Scalar::S(text)) => Some(*text),
            _ => None,
        };
        let (pk, sk) = (part(pk_name)?, part(sk_name)?);
        (self.key.len() == 2 && is_pk(pk) && is_sk(sk)).then_some((pk, sk))
    }
}

impl Query<'_> {
    pub(super) fn is_forward(&self) -> bool {
        self.scan_index_forward != Some(false)
    }

    /// All of the request but its values: whether it is a valid one depends on that, and on what [`super::form::Form::bounds`] looks at.
    pub(super) fn form_name(&self) -> String {
        // No expression has a line break of its own, and if one had, it would only be a form that is never accepted.
        let filter = self.filter_expression.unwrap_or_default();
        let mut name = format!("{}\n{}\n{filter}", self.table_name, self.key_condition_expression);
        for (alias, attribute) in &self.expression_attribute_names {
            let _to_a_string = write!(name, "\n{alias}={attribute}");
        }
        for (placeholder, value) in &self.expression_attribute_values {
            let kind = match value {
                Scalar::S(_) => 'S',
                Scalar::N(_) => 'N',
            };
            let _to_a_string = write!(name, "\n{placeholder}{kind}");
        }
        name
    }
}

/// Whether a text can be a partition key.
pub(super) fn is_pk(text: &str) -> bool {
    (1..=MAX_KEY_BYTES.0).contains(&text.len())
}

/// Whether a text can be a sort key.
pub(super) fn is_sk(text: &str) -> bool {
    (1..=MAX_KEY_BYTES.1).contains(&text.len())
}
