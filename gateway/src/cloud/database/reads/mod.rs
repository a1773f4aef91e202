//! Reads of functions of this process, without the engine: a row leaves the file as the text that the engine wrote.
//!
//! The engine parses each attribute of each row that it reads, and writes all of them again. That was most of the time of a page of the
//! history. A read here takes the stored text as it is, and looks at nothing but the attributes of its filter. It has a connection of its
//! own, so it does not wait for the engine's lock either. The engine commits before it answers: a read that begins later sees the change.
//!
//! What is known of the file is of dynoxide 3.2: a table has the columns `pk`, `sk` and `item_json`, and a key that is a text begins with
//! `S:`. What a request may say stays the
//! engine's business. It answers the first query of each form, and those of that form are read here only if it accepted that one. Whatever
//! this module does not understand, it answers as well: other operations, projections, pages of 1 MB, values that a rule might refuse.

mod filter;
mod form;
mod request;
mod row;
#[cfg(test)]
mod tests;
mod tokens;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use self::form::Form;
use self::request::{Get, Query};
use super::error::{DatabaseError, of_engine};
use crate::cloud::template::TableSpec;

/// A page of a query ends here (DynamoDB's limit). The text of a row is longer than its size as DynamoDB counts it.
const MAX_PAGE_BYTES: usize = 1_048_576;
/// The forms of queries that the chat has are some fifty. Further ones are not read here.
const MAX_FORMS: usize = 500;
/// What stands before a key that is a text.
const TEXT_KEY: &str = "S:";
/// Statements that a connection keeps prepared.
const MAX_STATEMENTS: usize = 100;

/// The way to the file. Clones share it.
#[derive(Clone)]
pub(super) struct Reads(Arc<Inner>);

struct Inner {
    file: PathBuf,
    /// The names of each table's two keys.
    tables: BTreeMap<String, (String, String)>,
    /// Connections that nobody uses at the moment; `None` once the database is closed.
    idle: RwLock<Option<Mutex<Vec<Connection>>>>,
    accepted: RwLock<HashMap<String, Arc<Form>>>,
}

/// What became of a request.
pub(super) enum Outcome {
    /// The answer, as JSON.
    Read(String),
    /// The engine answers. If it accepts the request, those of this form can be read here.
    Left(Option<NewForm>),
}

/// A form of query that the engine has not accepted yet.
pub(super) struct NewForm {
    name: String,
    form: Form,
}

impl Reads {
    pub(super) fn open(file: &Path, tables: &[TableSpec]) -> Result<Reads, DatabaseError> {
        let tables = tables.iter().map(|table| (table.name.clone(), table.keys.clone())).collect();
        let first = connect(file).map_err(of_engine)?;
        let (file, idle) = (file.to_owned(), RwLock::new(Some(Mutex::new(vec![first]))));
        Ok(Reads(Arc::new(Inner { file, tables, idle, accepted: RwLock::default() })))
    }

    /// Answers a request, if it is a read of a kind that is understood here.
    pub(super) fn answer(&self, operation: &str, body: &[u8]) -> Outcome {
        match operation {
            "DynamoDB_20120810.GetItem" => self.get(body).map_or(Outcome::Left(None), Outcome::Read),
            "DynamoDB_20120810.Query" => self.query(body).unwrap_or(Outcome::Left(None)),
            _ => Outcome::Left(None),
        }
    }

    /// Notes that the engine accepted a query of this form.
    pub(super) fn accept(&self, new: NewForm) {
        let mut accepted = self.0.accepted.write().unwrap_or_else(PoisonError::into_inner);
        if accepted.len() < MAX_FORMS {
            accepted.insert(new.name, Arc::new(new.form));
        }
    }

    /// Waits for reads that are under way. Later ones are left to the engine.
    pub(super) fn close(&self) {
        self.0.idle.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn get(&self, body: &[u8]) -> Option<String> {
        let get: Get<'_> = serde_json::from_slice(body).ok()?;
        let (pk, sk) = get.key_of(self.0.tables.get(get.table_name)?)?;
        let sql = form::select("item_json", get.table_name) + " AND sk = ?2";
        self.on_a_connection(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let item = |row: &rusqlite::Row<'_>| Ok(format!("{{\"Item\":{}}}", row.get_ref(0)?.as_str()?));
            statement.query_row([pk, sk].map(stored_key), item).optional()
        })
        .map(|found| found.unwrap_or_else(|| "{}".to_owned()))
    }

    fn query(&self, body: &[u8]) -> Option<Outcome> {
        let query: Query<'_> = serde_json::from_slice(body).ok()?;
        let keys = self.0.tables.get(query.table_name)?;
        let name = query.form_name();
        let known = self.0.accepted.read().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        let Some(form) = known else {
            let new = Form::of(&query, keys).map(|form| NewForm { name, form });
            return Some(Outcome::Left(new));
        };
        let bounds = form.bounds(&query)?;
        self.on_a_connection(|connection| page(connection, &form, &query, &bounds, keys)).flatten().map(Outcome::Read)
    }

    /// Reads; `None` if the database is closed, or if SQLite fails: the engine has better words for that.
    fn on_a_connection<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let idle = self.0.idle.read().unwrap_or_else(PoisonError::into_inner);
        let idle = idle.as_ref()?;
        let of_pool = || idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = of_pool().pop();
        let connection = taken.map_or_else(|| connect(&self.0.file), Ok).ok()?;
        let found = read(&connection);
        of_pool().push(connection);
        found.ok()
    }
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(1))?;
    connection.set_prepared_statement_cache_capacity(MAX_STATEMENTS);
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(connection)
}

fn stored_key(text: &str) -> String {
    format!("{TEXT_KEY}{text}")
}

/// A page of a query, as JSON; `None` if the engine must answer.
fn page(
    connection: &Connection,
    form: &Form,
    query: &Query<'_>,
    bounds: &[&str],
    (pk_name, sk_name): &(String, String),
) -> rusqlite::Result<Option<String>> {
    let limit = query.limit.map_or(i64::MAX, i64::from);
    let mut statement = connection.prepare_cached(form.sql(query.is_forward()))?;
    for (index, bound) in bounds.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, stored_key(bound))?;
    }
    statement.raw_bind_parameter(bounds.len() + 1, limit)?;
    let mut rows = statement.raw_query();
    let (mut json, mut bytes, mut scanned, mut count) = (String::from("{\"Items\":["), 0, 0_i64, 0_usize);
    let mut last = String::new();
    while let Some(row) = rows.next()? {
        let (sk, item) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        bytes += item.len();
        if bytes > MAX_PAGE_BYTES {
            return Ok(None);
        }
        scanned += 1;
        if scanned == limit {
            last.push_str(sk.strip_prefix(TEXT_KEY).unwrap_or(sk));
        }
        let Some(passes) = form.passes(item, query) else { return Ok(None) };
        if passes {
            if count > 0 {
                json.push(',');
            }
            json.push_str(item);
            count += 1;
        }
    }
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let _to_a_string = write!(json, "],\"Count\":{count},\"ScannedCount\":{scanned}");
    // As in DynamoDB, there may be nothing behind the last one.
    if scanned == limit {
        let (pk_name, sk_name, pk, sk) = (text(pk_name), text(sk_name), text(bounds[0]), text(&last));
        let _to_a_string = write!(json, ",\"LastEvaluatedKey\":{{{pk_name}:{{\"S\":{pk}}},{sk_name}:{{\"S\":{sk}}}}}");
    }
    json.push('}');
    Ok(Some(json))
}
