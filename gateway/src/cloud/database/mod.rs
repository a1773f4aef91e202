//! The embedded DynamoDB: dynoxide in a file of the data folder. Functions reach it with ordinary SDK clients: those of this process
//! through a connector (`worker`), which reads rows itself where it can (`reads`), all others on a loopback port (`server`), which is there
//! if it is asked for.

mod error;
mod folder;
mod operations;
mod reads;
mod server;
mod stream;
mod worker;

use std::path::Path;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::update_table::UpdateTableRequest;
use dynoxide::actions::update_time_to_live::UpdateTimeToLiveRequest;
use serde_json::json;

pub use self::error::DatabaseError;
use self::error::of_engine;
pub(crate) use self::folder::make_private;
pub use self::folder::{Data, Folder};
use self::reads::Reads;
use self::server::Server;
use self::stream::StreamFile;
pub use self::stream::{Position, Record};
use self::worker::Worker;
use crate::cloud::template::TableSpec;
use crate::http::door::AccessKey;

/// An open database.
pub struct Database {
    engine: dynoxide::Database,
    stream: StreamFile,
    worker: Worker,
    server: Option<Server>,
    folder: Folder,
}

impl Database {
    /// Opens the database in a data folder, makes the tables that are missing, and switches streams on and off. With a key, its holder is served on a loopback port.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn open(data: &Data, tables: &[TableSpec], key: Option<&AccessKey>) -> Result<Database, DatabaseError> {
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
        let worker = Worker::start(engine.clone(), Reads::open(&file, tables)?)?;
        let server = key.map(|key| Server::start(engine.clone(), key)).transpose()?;
        Ok(Database { engine, stream, worker, server, folder })
    }

    /// Answers the requests of SDK clients of this process.
    pub fn connector(&self) -> SharedHttpConnector {
        self.worker.connector()
    }

    /// The address of the port, if there is one.
    pub fn url(&self) -> Option<&str> {
        self.server.as_ref().map(Server::url)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The error of a file in the data folder that cannot be used.
    pub(crate) fn unusable(&self, error: &std::io::Error) -> DatabaseError {
        folder::unusable(self.folder(), error)
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
        if let Some(server) = self.server {
            server.stop();
        }
        self.worker.stop();
        drop(self.engine);
    }
}

fn make_table(engine: &dynoxide::Database, table: &TableSpec) -> Result<(), DatabaseError> {
    if let Some(known) = engine.get_table_metadata(&table.name).map_err(of_engine)? {
        return if known.stream_enabled == table.stream.is_some() { Ok(()) } else { switch_stream(engine, table) };
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

/// Switches the stream of a table on or off that an earlier run made.
fn switch_stream(engine: &dynoxide::Database, table: &TableSpec) -> Result<(), DatabaseError> {
    let stream = match &table.stream {
        Some(view) => json!({"StreamEnabled": true, "StreamViewType": view}),
        None => json!({"StreamEnabled": false}),
    };
    let request = json!({"TableName": table.name, "StreamSpecification": stream});
    let request: UpdateTableRequest = serde_json::from_value(request).map_err(of_engine)?;
    engine.update_table(request).map(drop).map_err(of_engine)
}
