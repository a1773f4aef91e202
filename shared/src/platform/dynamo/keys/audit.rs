//! The keys of the audit table.

use jiff::tz::TimeZone;

use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::Pseudonym;

use super::Key;

/// The partition of all entries of a year (UTC), sorted by their ids.
pub(crate) fn log_of_year(year: i16) -> String {
    format!("log#{year}")
}

/// An entry.
pub(crate) fn log_entry(id: &ActionId) -> Key {
    Key::new(log_of_year(id.time().to_zoned(TimeZone::UTC).year()), id.as_str())
}

/// The partition of all entries that concern a user.
pub(crate) fn log_of(target: &Pseudonym) -> String {
    format!("target#{}", target.as_str())
}

/// The copy of an entry among those that concern its user.
pub(crate) fn log_entry_of(target: &Pseudonym, id: &ActionId) -> Key {
    Key::new(log_of(target), id.as_str())
}
