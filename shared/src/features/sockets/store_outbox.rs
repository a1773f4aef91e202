//! The outbox of a session: rows that acts leave for the broadcast, because no handler talks to sockets. Notices are frames for an
//! audience; a request closes a socket. The broadcast deletes a row once it is done, so what a crash leaves is found again.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::broadcast::audience::Audience;
use crate::domain::broadcast::notice::{Notice, NoticeId};
use crate::platform::dynamo::calls::{Item, text, traced_item_of};
use crate::platform::dynamo::keys::{CLOSE_PREFIX, Key, NOTICE_PREFIX};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};
use crate::platform::trace::TraceId;

/// A row that nobody could send for a day is of no use any more.
const LIFETIME_SECONDS: i64 = 24 * 3600;
/// Rows that are written at once.
const CONCURRENT_WRITES: usize = 10;

/// A notice as it is stored.
#[derive(Debug, Deserialize)]
pub struct StoredNotice {
    sk: String,
    /// The sockets that receive it.
    pub audience: Audience,
    /// The frame's text.
    pub frame: String,
    expires_at: i64,
    trace: Option<String>,
}

impl StoredNotice {
    /// Its id.
    pub fn id(&self) -> NoticeId {
        NoticeId::stored(self.sk.strip_prefix(NOTICE_PREFIX).unwrap_or(&self.sk))
    }

    /// Whether it is too old to be sent.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now.as_second()
    }

    /// The request that left it.
    pub fn trace(&self) -> Option<TraceId> {
        TraceId::parse(self.trace.as_deref()?)
    }
}

/// A request to close a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseRequest {
    #[serde(skip_serializing)]
    sk: String,
    /// The time of the request, in milliseconds since 1970.
    pub asked_ms: i64,
    /// The user whose sockets are all to be closed. A request of an older version has none.
    #[serde(default)]
    pub user_id: Option<String>,
    expires_at: i64,
}

impl CloseRequest {
    /// The socket.
    pub fn connection_id(&self) -> &str {
        self.sk.strip_prefix(CLOSE_PREFIX).unwrap_or(&self.sk)
    }
}

impl Store {
    /// The part of an act's transaction that leaves a notice.
    pub fn notice(&self, session_id: u64, notice: &Notice, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.chat).set_item(Some(notice_row(session_id, notice, now)));
        put.part()
    }

    /// Leaves a notice that belongs to no transaction.
    pub async fn put_notice(&self, session_id: u64, notice: &Notice, now: Timestamp) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.chat);
        self.put(put.set_item(Some(notice_row(session_id, notice, now)))).await.map(drop)
    }

    /// The first notices of a session, in the order of their ids, strongly consistent; and whether there are more.
    pub async fn notices(&self, session_id: u64, at_most: usize) -> Result<(Vec<StoredNotice>, bool), StoreError> {
        self.query_page(self.outbox_query(session_id, NOTICE_PREFIX).limit(at_most as i32)).await
    }

    /// Deletes a notice that was sent.
    pub async fn delete_notice(&self, session_id: u64, id: &NoticeId) -> Result<(), StoreError> {
        self.delete_from_outbox(&keys::notice(session_id, id)).await
    }

    /// Asks the broadcast to close a socket.
    pub async fn request_close(&self, session_id: u64, connection_id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.put_close_request(session_id, connection_id, None, now).await
    }

    /// Asks the broadcast to close each socket of a user, also one whose handshake is under way. Returns their number. A handshake that
    /// begins later must be refused by what the act has written before.
    pub async fn close_sockets_of(&self, session_id: u64, user_id: &str, now: Timestamp) -> Result<usize, StoreError> {
        let connection_ids = self.sockets_of(session_id, user_id).await?;
        let sockets = connection_ids.len();
        let requests = futures_util::stream::iter(connection_ids).map(|connection_id| async move {
            self.put_close_request(session_id, &connection_id, Some(user_id), now).await
        });
        requests.buffer_unordered(CONCURRENT_WRITES).try_collect::<()>().await?;
        Ok(sockets)
    }

    async fn put_close_request(
        &self,
        session_id: u64,
        connection_id: &str,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::close_request(session_id, connection_id);
        let row = CloseRequest {
            sk: key.sk.clone(),
            asked_ms: now.as_millisecond(),
            user_id: user_id.map(str::to_owned),
            expires_at: now.as_second() + LIFETIME_SECONDS,
        };
        let put = self.client.put_item().table_name(&self.chat).set_item(Some(traced_item_of(&key, row)));
        self.put(put).await.map(drop)
    }

    /// The first requests to close sockets of a session, strongly consistent; and whether there are more.
    pub async fn close_requests(
        &self,
        session_id: u64,
        at_most: usize,
    ) -> Result<(Vec<CloseRequest>, bool), StoreError> {
        self.query_page(self.outbox_query(session_id, CLOSE_PREFIX).limit(at_most as i32)).await
    }

    /// Deletes a request to close a socket that has closed.
    pub async fn delete_close_request(&self, session_id: u64, connection_id: &str) -> Result<(), StoreError> {
        self.delete_from_outbox(&keys::close_request(session_id, connection_id)).await
    }

    /// Whether the outbox of a session holds anything.
    pub async fn has_outbox(&self, session_id: u64) -> Result<bool, StoreError> {
        for prefix in [CLOSE_PREFIX, NOTICE_PREFIX] {
            let (rows, _) = self.query_page::<Key>(self.outbox_query(session_id, prefix).limit(1)).await?;
            if !rows.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn outbox_query(&self, session_id: u64, prefix: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :bell AND begins_with(sk, :prefix)")
            .expression_attribute_values(":bell", text(keys::bell(session_id)))
            .expression_attribute_values(":prefix", text(prefix))
            .consistent_read(true)
    }

    async fn delete_from_outbox(&self, key: &Key) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.chat).set_key(Some(key.attributes()));
        self.delete(delete).await.map(drop)
    }
}

fn notice_row(session_id: u64, notice: &Notice, now: Timestamp) -> Item {
    #[derive(Serialize)]
    struct NoticeRow<'a> {
        audience: &'a Audience,
        frame: &'a str,
        expires_at: i64,
    }
    let Notice { id, audience, frame } = notice;
    let row = NoticeRow { audience, frame, expires_at: now.as_second() + LIFETIME_SECONDS };
    traced_item_of(&keys::notice(session_id, id), row)
}
