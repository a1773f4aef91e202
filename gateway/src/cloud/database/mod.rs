//! The embedded DynamoDB: dynoxide in a file of the data folder, served on a loopback port by a thread of its own, so that
//! functions reach it with ordinary SDK clients.

mod error;
mod folder;
mod stream;

use std::path::Path;
use std::thread::JoinHandle;

use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::update_time_to_live::UpdateTimeToLiveRequest;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use self::error::DatabaseError;
use self::error::of_engine;
pub use self::folder::{Data, Folder};
use self::stream::StreamFile;
pub use self::stream::{Position, Record};
use crate::cloud::template::TableSpec;

/// An open database.
pub struct Database {
    engine: dynoxide::Database,
    stream: StreamFile,
    url: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
    folder: Folder,
}

impl Database {
    /// Opens the database in a data folder, makes the tables that are missing, and serves it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn open(data: &Data, tables: &[TableSpec]) -> Result<Database, DatabaseError> {
        let folder = Folder::open(data)?;
        let file = folder.path().join("dynamodb.sqlite");
        let file_name =
            file.to_str().ok_or_else(|| DatabaseError::Engine(format!("{} is no UTF-8", file.display())))?;
        let engine = dynoxide::Database::new(file_name).map_err(of_engine)?;
        // With `synchronous = NORMAL` a kill -9 loses nothing and a power cut the last moments; a throw-away database needs
        // neither.
        match data {
            Data::Folder(_) => engine.disable_bulk_loading(),
            Data::Memory => engine.enable_bulk_loading(),
        }
        .map_err(of_engine)?;
        for table in tables {
            make_table(&engine, table)?;
        }
        let stream = StreamFile::open(&file)?;
        let (url, stop, server) = serve(engine.clone())?;
        Ok(Database { engine, stream, url, stop, server, folder })
    }

    /// Where the DynamoDB protocol is served.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The oldest records of a table's stream after a position, and the position after them.
    ///
    /// # Errors
    /// [`DatabaseError::Engine`].
    pub fn records(
        &self,
        table: &str,
        after: &Position,
        at_most: usize,
    ) -> Result<(Vec<Record>, Position), DatabaseError> {
        stream::read(&self.engine, table, after, at_most)
    }

    /// Forgets the records of a table's stream up to a sequence number: they were delivered.
    ///
    /// # Errors
    /// [`DatabaseError::Engine`].
    pub fn forget_records(&self, table: &str, up_to: &str) -> Result<(), DatabaseError> {
        self.stream.forget(table, up_to)
    }

    /// Deletes rows whose time to live is over; answers with how many.
    ///
    /// # Errors
    /// [`DatabaseError::Engine`].
    pub fn sweep(&self) -> Result<usize, DatabaseError> {
        self.engine.sweep_ttl().map_err(of_engine)
    }

    /// Lets running requests finish and closes the file.
    pub fn close(self) {
        let _server_has_ended = self.stop.send(());
        if self.server.join().is_err() {
            tracing::error!("the database's thread crashed");
        }
        drop(self.engine);
    }
}

fn make_table(engine: &dynoxide::Database, table: &TableSpec) -> Result<(), DatabaseError> {
    if engine.get_table_metadata(&table.name).map_err(of_engine)?.is_some() {
        return Ok(());
    }
    let (pk, sk) = &table.keys;
    let mut request = json!({
        "TableName": table.name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": pk, "AttributeType": "S"}, {"AttributeName": sk, "AttributeType": "S"}],
    });
    if let Some(view) = &table.stream {
        request["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": view});
    }
    let request: CreateTableRequest = serde_json::from_value(request).map_err(of_engine)?;
    engine.create_table(request).map_err(of_engine)?;
    if let Some(attribute) = &table.ttl {
        let request =
            json!({"TableName": table.name, "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": true}});
        let request: UpdateTimeToLiveRequest = serde_json::from_value(request).map_err(of_engine)?;
        engine.update_time_to_live(request).map_err(of_engine)?;
    }
    Ok(())
}

type Serving = (String, oneshot::Sender<()>, JoinHandle<()>);

/// The engine answers synchronously behind one lock: a thread and a runtime of its own keep that away from the APIs.
fn serve(engine: dynoxide::Database) -> Result<Serving, DatabaseError> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(of_engine)?;
    listener.set_nonblocking(true).map_err(of_engine)?;
    let url = format!("http://{}", listener.local_addr().map_err(of_engine)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(of_engine)?;
    let (stop, stopped) = oneshot::channel();
    let server = std::thread::Builder::new()
        .name("dynamodb".to_owned())
        .spawn(move || {
            runtime.block_on(async move {
                let listener = match TcpListener::from_std(listener) {
                    Ok(listener) => listener,
                    Err(error) => return tracing::error!(error = %error, "the database is not served"),
                };
                let serving = dynoxide::server::serve_with_shutdown(listener, engine, async move {
                    let _owner_is_gone = stopped.await;
                });
                if let Err(error) = serving.await {
                    tracing::error!(error, "the database is not served any more");
                }
            });
        })
        .map_err(of_engine)?;
    Ok((url, stop, server))
}
