//! Filters of the kinds that the chat's own queries have.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::request::Scalar;

/// A filter. Its attributes are numbered in the order in which it names them.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Exists(usize),
    IsMissing(usize),
    Compare { attribute: usize, operator: Operator, placeholder: String },
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Operator {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Reads a filter from its words.
pub(super) struct Parser<'t> {
    pub(super) tokens: std::slice::Iter<'t, &'t str>,
    /// The attributes of `#` aliases.
    pub(super) aliases: &'t BTreeMap<&'t str, &'t str>,
    /// The attributes so far.
    pub(super) attributes: Vec<String>,
}

impl Parser<'_> {
    /// The whole filter; `None` if it is not understood here.
    pub(super) fn read(&mut self) -> Option<Filter> {
        let filter = self.any()?;
        self.tokens.len().eq(&0).then_some(filter)
    }

    fn any(&mut self) -> Option<Filter> {
        let mut parts = vec![self.all()?];
        while self.takes("OR") {
            parts.push(self.all()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    fn all(&mut self) -> Option<Filter> {
        let mut parts = vec![self.one()?];
        while self.takes("AND") {
            parts.push(self.one()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    fn one(&mut self) -> Option<Filter> {
        let first = *self.tokens.next()?;
        match first {
            "(" => {
                let inner = self.any()?;
                self.takes(")").then_some(inner)
            }
            "attribute_exists" => self.argument().map(Filter::Exists),
            "attribute_not_exists" => self.argument().map(Filter::IsMissing),
            name => {
                let attribute = self.attribute(name)?;
                let operator = Operator::of(self.tokens.next()?)?;
                let placeholder = self.tokens.next().filter(|token| token.starts_with(':'))?;
                Some(Filter::Compare { attribute, operator, placeholder: (*placeholder).to_owned() })
            }
        }
    }

    fn argument(&mut self) -> Option<usize> {
        if !self.takes("(") {
            return None;
        }
        let name = *self.tokens.next()?;
        let attribute = self.attribute(name)?;
        self.takes(")").then_some(attribute)
    }

    fn takes(&mut self, token: &str) -> bool {
        let takes = self.tokens.as_slice().first() == Some(&token);
        if takes {
            self.tokens.next();
        }
        takes
    }

    fn attribute(&mut self, name: &str) -> Option<usize> {
        let name = attribute_of(name, self.aliases)?;
        let known = self.attributes.iter().position(|attribute| attribute == name);
        Some(known.unwrap_or_else(|| {
            self.attributes.push(name.to_owned());
            self.attributes.len() - 1
        }))
    }
}

/// The attribute that a word of an expression names; `None` for a sign, a placeholder, and an alias that is not there.
pub(super) fn attribute_of<'a>(word: &'a str, aliases: &BTreeMap<&str, &'a str>) -> Option<&'a str> {
    match word.as_bytes().first()? {
        b'#' => aliases.get(word).copied(),
        first => first.is_ascii_alphabetic().then_some(word),
    }
}

impl Operator {
    fn of(token: &str) -> Option<Operator> {
        Some(match token {
            "=" => Operator::Equal,
            "<" => Operator::Less,
            "<=" => Operator::AtMost,
            ">" => Operator::Greater,
            ">=" => Operator::AtLeast,
            _ => return None,
        })
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Operator::Equal => ordering.is_eq(),
            Operator::Less => ordering.is_lt(),
            Operator::AtMost => ordering.is_le(),
            Operator::Greater => ordering.is_gt(),
            Operator::AtLeast => ordering.is_ge(),
        }
    }
}

impl Filter {
    /// Whether a row with these attributes passes; `None` if that is not understood here.
    pub(super) fn passes(&self, attributes: &[Option<&RawValue>], values: &BTreeMap<&str, Scalar<'_>>) -> Option<bool> {
        match self {
            Filter::All(parts) => {
                for part in parts {
                    if !part.passes(attributes, values)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Filter::Any(parts) => {
                for part in parts {
                    if part.passes(attributes, values)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            Filter::Exists(attribute) => Some(attributes[*attribute].is_some()),
            Filter::IsMissing(attribute) => Some(attributes[*attribute].is_none()),
            Filter::Compare { attribute, operator, placeholder } => {
                let Some(found) = attributes[*attribute] else { return Some(false) };
                // Any other type, and a text with an escaped character, is left to the engine.
                let found: Scalar<'_> = serde_json::from_str(found.get()).ok()?;
                Some(match (found, *values.get(placeholder.as_str())?) {
                    (Scalar::S(found), Scalar::S(value)) => operator.holds(found.cmp(value)),
                    (Scalar::N(found), Scalar::N(value)) => operator.holds(whole(found)?.cmp(&whole(value)?)),
                    (Scalar::S(_), Scalar::N(_)) | (Scalar::N(_), Scalar::S(_)) => false,
                })
            }
        }
    }
}

/// A whole number as it is usually written.
pub(super) fn whole(number: &str) -> Option<i64> {
    number.parse().ok().filter(|_| !number.starts_with('+'))
}
