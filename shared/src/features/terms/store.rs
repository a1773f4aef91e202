//! The versions of the list of terms. Each has its parts, which never change, and a row that says which parts they are; one row points at
//! the newest version.
//!
//! Parts are written first, and count for nothing until the transaction that moves the pointer. A version's rows share a partition, so
//! that what an interrupted write left goes with the version of that number.

use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem, Update};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::platform::dynamo::calls::{Consistency, item_of, number, text};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// Bytes of a part: an item has at most 400 KB.
const MAX_PART: usize = 100 * 1024;
/// Versions are kept for so long after they were replaced: no send is under way any more that was judged by them.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// The parts of a version that are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The version that is to be the newest.
    pub version: u64,
    id: String,
    parts: usize,
    link_domains: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct VersionRow {
    id: String,
    parts: usize,
    /// The domains of clickable links, apart from the parts: `status` needs nothing else. Rows of older releases lack them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link_domains: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
struct PartRow {
    text: String,
}

/// The row that points at the newest version.
#[derive(Deserialize)]
struct PointerRow {
    version: u64,
    /// The oldest version that may have rows.
    oldest: u64,
    /// When the newest version replaced the one before, in milliseconds since 1970.
    replaced_ms: i64,
}

impl Store {
    /// The newest version of the list; 0 without one.
    pub async fn newest_terms(&self) -> Result<u64, StoreError> {
        let row: Option<PointerRow> = self.get(&self.chat, &keys::newest_terms(), Consistency::Strong).await?;
        Ok(row.map_or(0, |row| row.version))
    }

    /// A version of the list, as JSON; `None` if it does not exist, or not any more.
    pub async fn terms(&self, version: u64) -> Result<Option<String>, StoreError> {
        let row: Option<VersionRow> = self.get(&self.chat, &keys::terms(version), Consistency::Strong).await?;
        let Some(row) = row else { return Ok(None) };
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :version AND begins_with(sk, :id)")
            .expression_attribute_values(":version", text(keys::terms(version).pk))
            .expression_attribute_values(":id", text(keys::terms_parts(&row.id)))
            .consistent_read(true);
        let parts: Vec<PartRow> = self.query_all(query).await?;
        // Fewer are left of a version that is being removed.
        Ok((parts.len() == row.parts).then(|| parts.into_iter().map(|part| part.text).collect()))
    }

    /// The domains of clickable links of a version; `None` if it is gone, or an older release wrote it.
    pub async fn link_domains(&self, version: u64) -> Result<Option<Vec<String>>, StoreError> {
        let row: Option<VersionRow> = self.get(&self.chat, &keys::terms(version), Consistency::Strong).await?;
        Ok(row.and_then(|row| row.link_domains))
    }

    /// Writes the parts of the version that is to follow `newest`; `link_domains` are the domains of clickable links in it.
    pub async fn upload_terms(
        &self,
        newest: u64,
        json: &str,
        link_domains: Vec<String>,
    ) -> Result<Uploaded, StoreError> {
        let (version, id) = (newest + 1, format!("{:032x}", rand::random::<u128>()));
        let parts = parts(json);
        for (index, part) in parts.iter().enumerate() {
            let item = item_of(&keys::terms_part(version, &id, index), PartRow { text: (*part).to_owned() });
            self.put(self.client.put_item().table_name(&self.chat).set_item(Some(item))).await?;
        }
        Ok(Uploaded { version, id, parts: parts.len(), link_domains })
    }

    /// The part of a transaction that makes a version the newest, on condition that none has come between.
    pub(crate) fn point_at_terms(
        &self,
        uploaded: &Uploaded,
        now: Timestamp,
    ) -> Result<[TransactWriteItem; 2], StoreError> {
        let pointer = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::newest_terms().attributes()))
            .update_expression("SET version = :next, oldest = if_not_exists(oldest, :next), replaced_ms = :now")
            .expression_attribute_values(":next", number(uploaded.version))
            .expression_attribute_values(":now", number(now.as_millisecond()));
        let pointer = match uploaded.version - 1 {
            0 => pointer.condition_expression("attribute_not_exists(pk)"),
            before => {
                pointer.condition_expression("version = :before").expression_attribute_values(":before", number(before))
            }
        };
        let link_domains = Some(uploaded.link_domains.clone());
        let row = VersionRow { id: uploaded.id.clone(), parts: uploaded.parts, link_domains };
        let row = Put::builder().table_name(&self.chat).set_item(Some(item_of(&keys::terms(uploaded.version), row)));
        Ok([pointer.part()?, row.part()?])
    }

    /// The part of a transaction that holds only while this version is the newest.
    pub(crate) fn if_newest_terms(&self, version: u64) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder().table_name(&self.chat).set_key(Some(keys::newest_terms().attributes()));
        let check = match version {
            0 => check.condition_expression("attribute_not_exists(pk)"),
            _ => check
                .condition_expression("version = :version")
                .expression_attribute_values(":version", number(version)),
        };
        check.part()
    }

    /// The versions that may be removed, as long as no session names one of them: those before the newest one, an hour after it came.
    pub async fn replaced_terms(&self, now: Timestamp) -> Result<std::ops::Range<u64>, StoreError> {
        let row: Option<PointerRow> = self.get(&self.chat, &keys::newest_terms(), Consistency::Eventual).await?;
        let replaced = row.filter(|row| row.replaced_ms <= (now - KEPT).as_millisecond());
        Ok(replaced.map_or(0..0, |row| row.oldest..row.version))
    }

    /// Removes replaced versions. It may be repeated.
    pub async fn remove_terms(&self, versions: std::ops::Range<u64>) -> Result<(), StoreError> {
        for version in versions.clone() {
            let query = self
                .client
                .query()
                .table_name(&self.chat)
                .key_condition_expression("pk = :version")
                .expression_attribute_values(":version", text(keys::terms(version).pk))
                .projection_expression("pk, sk");
            for key in self.query_all::<Key>(query).await? {
                let delete = self.client.delete_item().table_name(&self.chat);
                self.delete(delete.set_key(Some(key.attributes()))).await?;
            }
        }
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::newest_terms().attributes()))
            .update_expression("SET oldest = :oldest")
            .condition_expression("oldest < :oldest")
            .expression_attribute_values(":oldest", number(versions.end));
        self.update(update).await.map(drop)
    }
}

/// A text in parts that an item holds, cut between characters.
fn parts(json: &str) -> Vec<&str> {
    let (mut rest, mut parts) = (json, Vec::new());
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.floor_char_boundary(MAX_PART));
        parts.push(part);
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_small_and_make_the_text_again() {
        for text in ["{}".to_owned(), "é".repeat(100_000), "a".repeat(MAX_PART), format!("a{}", "é".repeat(60_000))] {
            let parts = parts(&text);
            assert!(parts.iter().all(|part| !part.is_empty() && part.len() <= MAX_PART));
            assert_eq!(parts.concat(), text);
        }
    }
}
