//! The sessions of each room that hosts created and that are open or to come, in one row: a new one is refused if it overlaps another.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::Timestamp;
use serde::Serialize;

use super::store_opening::Opening;
use crate::domain::session::Session;
use crate::domain::session::bookings::{Booking, Bookings};
use crate::domain::session::room::RoomName;
use crate::platform::dynamo::calls::{Consistency, item_of};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

impl Store {
    /// The sessions of a room that are open or to come, strongly consistent.
    pub async fn bookings(&self, room: &RoomName) -> Result<Bookings, StoreError> {
        let bookings = self.get(&self.chat, &keys::bookings(room), Consistency::Strong).await?;
        Ok(bookings.unwrap_or_default())
    }

    /// A session that begins in a room with these bookings, and the parts of the transaction that creates it. They are refused if the
    /// bookings have changed, another call takes the id, or another list of terms comes, meanwhile.
    pub async fn create_session(
        &self,
        opening: Opening,
        bookings: &Bookings,
        now: Timestamp,
    ) -> Result<(Session, Vec<TransactWriteItem>), StoreError> {
        let (opened, mut actions) = self.open(opening).await?;
        let session = Session::from(opened);
        let next = bookings.with(Booking::of(&session), now);
        actions.push(self.replace_bookings(&session.room, bookings, &next)?);
        actions.push(self.put_managed(&session)?);
        Ok((session, actions))
    }

    /// The part of a transaction that replaces the bookings of a room. It is refused if they have changed since they were read.
    pub fn replace_bookings(
        &self,
        room: &RoomName,
        read: &Bookings,
        next: &Bookings,
    ) -> Result<TransactWriteItem, StoreError> {
        self.replace_version(item_of(&keys::bookings(room), next), read.version)
    }

    fn put_managed(&self, session: &Session) -> Result<TransactWriteItem, StoreError> {
        #[derive(Serialize)]
        struct ManagedRow {
            id: u64,
            end_ms: Option<i64>,
        }
        let row = ManagedRow { id: session.id, end_ms: session.end.map(Timestamp::as_millisecond) };
        Put::builder().table_name(&self.chat).set_item(Some(item_of(&keys::managed_session(session.id), row))).part()
    }
}
