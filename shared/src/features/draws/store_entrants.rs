//! The lists of entrants, in parts: the hashes, which everybody may read, and beside them the people, whom nobody reads before they win.
//!
//! A list is written under a random name, and counts once its draw names it. So of a freeze that was cut short, or that ran twice, nothing
//! is ever read.

use futures_util::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use crate::domain::draw::permutation::{Entrant, entrants_sha256};
use crate::domain::draw::person::Person;
use crate::domain::draw::stored::Frozen;
use crate::domain::hosted_id::HostedId;
use crate::platform::dynamo::calls::{Consistency, item_of};
use crate::platform::dynamo::{Store, StoreError, keys};

/// Entrants of a part. A row has at most 400 KB, and a person up to 700 bytes.
pub(super) const PER_PART: usize = 400;
/// The length of a hash in hex.
const HASH: usize = 64;
/// Rows that are read or written at once.
const CONCURRENT_CALLS: usize = 8;

#[derive(Serialize, Deserialize)]
struct HashesRow {
    /// One after the other.
    hashes: String,
    expires_at: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct PeopleRow {
    people: Vec<Person>,
    expires_at: Option<i64>,
}

impl Store {
    /// Writes a list under a name. It is not read by anybody yet.
    pub(super) async fn put_entrants(
        &self,
        id: HostedId,
        list: String,
        entrants: &[Entrant],
        expires_at: Option<i64>,
    ) -> Result<Frozen, StoreError> {
        let mut rows = Vec::new();
        for (part, entrants) in entrants.chunks(PER_PART).enumerate() {
            let hashes = entrants.iter().map(|entrant| entrant.hash.as_str()).collect();
            let people = entrants.iter().map(|entrant| entrant.person.clone()).collect();
            rows.push(item_of(&keys::entrant_hashes(id, &list, part), HashesRow { hashes, expires_at }));
            rows.push(item_of(&keys::entrant_people(id, &list, part), PeopleRow { people, expires_at }));
        }
        let puts = rows.into_iter().map(|row| self.client.put_item().table_name(&self.chat).set_item(Some(row)));
        let writing = futures_util::stream::iter(puts).map(|put| self.put(put)).buffer_unordered(CONCURRENT_CALLS);
        writing.try_collect::<Vec<_>>().await?;
        Ok(Frozen {
            list,
            entrants: entrants.len() as u64,
            entrants_sha256: entrants_sha256(entrants.iter().map(|entrant| entrant.hash.as_str())),
            firsts: entrants.chunks(PER_PART).map(|part| part[0].hash.clone()).collect(),
        })
    }

    /// The hashes of a part of a list.
    pub(super) async fn entrant_hashes(
        &self,
        id: HostedId,
        frozen: &Frozen,
        part: usize,
    ) -> Result<Vec<String>, StoreError> {
        // Such a row is never changed, and was written before its draw named it.
        let key = keys::entrant_hashes(id, &frozen.list, part);
        let row: Option<HashesRow> = self.get(&self.chat, &key, Consistency::Strong).await?;
        let row = row.ok_or_else(|| StoreError::new("reading the entrants of a draw", "a part is missing"))?;
        let hashes = row.hashes.as_bytes().chunks(HASH).map(|hash| String::from_utf8_lossy(hash).into_owned());
        Ok(hashes.collect())
    }

    /// All entrants of a list.
    pub async fn entrants(&self, id: HostedId, frozen: &Frozen) -> Result<Vec<Entrant>, StoreError> {
        let reads = futures_util::stream::iter(0..frozen.firsts.len())
            .map(|part| self.entrants_of_part(id, frozen, part))
            .buffered(CONCURRENT_CALLS);
        Ok(reads.try_collect::<Vec<_>>().await?.concat())
    }

    async fn entrants_of_part(&self, id: HostedId, frozen: &Frozen, part: usize) -> Result<Vec<Entrant>, StoreError> {
        let key = keys::entrant_people(id, &frozen.list, part);
        let (hashes, people) = tokio::try_join!(
            self.entrant_hashes(id, frozen, part),
            self.get::<PeopleRow>(&self.chat, &key, Consistency::Strong)
        )?;
        let people = people.ok_or_else(|| StoreError::new("reading the entrants of a draw", "a part is missing"))?;
        Ok(hashes.into_iter().zip(people.people).map(|(hash, person)| Entrant { hash, person }).collect())
    }
}
