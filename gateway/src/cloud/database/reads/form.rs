//! The form of a query: all of it but the values.

use super::filter::{Filter, Parser, attribute_of, whole};
use super::request::{Query, Scalar, is_pk, is_sk};
use super::row;
use super::tokens::tokens;

/// See the module.
#[derive(Debug)]
pub(super) struct Form {
    ascending: String,
    descending: String,
    /// The placeholders of the partition key, and of the edges of the sort key.
    bounds: Vec<String>,
    filter: Option<Filter>,
    /// The attributes that the filter names.
    attributes: Vec<String>,
}

/// The beginning of a statement that reads a partition.
pub(super) fn select(columns: &str, table: &str) -> String {
    format!("SELECT {columns} FROM \"{}\" WHERE pk = ?1", table.replace('"', "\"\""))
}

impl Form {
    /// The form of a query of a table with these keys; `None` if it is not understood here.
    pub(super) fn of(query: &Query<'_>, keys: &(String, String)) -> Option<Form> {
        let aliases = &query.expression_attribute_names;
        let is = |word: &str, name: &String| attribute_of(word, aliases) == Some(name.as_str());
        let (pk, sk) = keys;
        let words = tokens(query.key_condition_expression)?;
        let (edges, bounds) = match words.as_slice() {
            [of_pk, "=", value] if is(of_pk, pk) => (String::new(), vec![*value]),
            [of_pk, "=", value, "AND", of_sk, operator @ ("=" | "<" | "<=" | ">" | ">="), edge]
                if is(of_pk, pk) && is(of_sk, sk) =>
            {
                (format!(" AND sk {operator} ?2"), vec![*value, *edge])
            }
            [of_pk, "=", value, "AND", of_sk, "BETWEEN", first, "AND", last] if is(of_pk, pk) && is(of_sk, sk) => {
                (" AND sk BETWEEN ?2 AND ?3".to_owned(), vec![*value, *first, *last])
            }
            _ => return None,
        };
        let words = tokens(query.filter_expression.unwrap_or_default())?;
        let mut parser = Parser { tokens: words.iter(), aliases, attributes: Vec::new() };
        let filter = match query.filter_expression {
            Some(_) => Some(parser.read()?),
            None => None,
        };
        let statement = |order| {
            let select = select("sk, item_json", query.table_name);
            format!("{select}{edges} ORDER BY sk {order} LIMIT ?{}", bounds.len() + 1)
        };
        Some(Form {
            ascending: statement("ASC"),
            descending: statement("DESC"),
            bounds: bounds.iter().map(|bound| (*bound).to_owned()).collect(),
            filter,
            attributes: parser.attributes,
        })
    }

    /// The statement. Its parameters are the bounds, then the most rows.
    pub(super) fn sql(&self, is_forward: bool) -> &str {
        if is_forward { &self.ascending } else { &self.descending }
    }

    /// The values of the bounds, if no rule might refuse one of the query's values.
    pub(super) fn bounds<'a>(&self, query: &Query<'a>) -> Option<Vec<&'a str>> {
        let is_sound = |value: &Scalar<'_>| match value {
            Scalar::S(text) => !text.is_empty(),
            Scalar::N(number) => whole(number).is_some(),
        };
        if query.limit == Some(0) || !query.expression_attribute_values.values().all(is_sound) {
            return None;
        }
        let text = |placeholder: &String| match query.expression_attribute_values.get(placeholder.as_str()) {
            Some(Scalar::S(text)) => Some(*text),
            _ => None,
        };
        let bounds: Vec<&str> = self.bounds.iter().map(text).collect::<Option<_>>()?;
        let in_order = !matches!(bounds.as_slice(), [_, first, last] if first > last);
        (in_order && is_pk(bounds[0]) && bounds[1..].iter().all(|edge| is_sk(edge))).then_some(bounds)
    }

    /// Whether a row passes the filter; `None` if that is not understood here.
    pub(super) fn passes(&self, item: &str, query: &Query<'_>) -> Option<bool> {
        let Some(filter) = &self.filter else { return Some(true) };
        let attributes = row::attributes(item, &self.attributes)?;
        filter.passes(&attributes, &query.expression_attribute_values)
    }
}
