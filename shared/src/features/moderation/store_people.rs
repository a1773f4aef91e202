//! The people of the audit log. The log knows them by pseudonyms; the rows that resolve those go with an erasure.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use serde::{Deserialize, Serialize};

use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{EntryText, Person, Pseudonym};
use crate::platform::dynamo::calls::{Consistency, TransactionOutcome, item_of};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

#[derive(Serialize, Deserialize)]
struct PseudonymRow {
    pseudonym: Pseudonym,
}

impl Store {
    /// The pseudonym of a user. The first call makes one, and notes the name, if it is known.
    pub async fn pseudonym_of(&self, user_id: &str, username: Option<&str>) -> Result<Pseudonym, StoreError> {
        let key = keys::pseudonym(user_id);
        loop {
            let row: Option<PseudonymRow> = self.get(&self.chat, &key, Consistency::Strong).await?;
            if let Some(row) = row {
                return Ok(row.pseudonym);
            }
            let pseudonym = Pseudonym::random();
            let person = Person { user_id: Some(user_id.to_owned()), username: username.map(str::to_owned) };
            let rows = vec![
                self.put_new(&self.chat, item_of(&key, PseudonymRow { pseudonym: pseudonym.clone() }))?,
                self.put_new(&self.chat, item_of(&keys::person(&pseudonym), person))?,
            ];
            if let TransactionOutcome::Done = self.transact(rows).await? {
                return Ok(pseudonym);
            }
        }
    }

    /// The pseudonym of a user whom the log may not know.
    pub async fn known_pseudonym(&self, user_id: &str) -> Result<Option<Pseudonym>, StoreError> {
        let row: Option<PseudonymRow> = self.get(&self.chat, &keys::pseudonym(user_id), Consistency::Strong).await?;
        Ok(row.map(|row| row.pseudonym))
    }

    /// The user behind a pseudonym; nobody after an erasure.
    pub async fn person(&self, pseudonym: &Pseudonym) -> Result<Person, StoreError> {
        let row: Option<Person> = self.get(&self.chat, &keys::person(pseudonym), Consistency::Strong).await?;
        Ok(row.unwrap_or_default())
    }

    /// The free text of an entry, which lies with the person whom it concerns.
    pub async fn entry_text(&self, about: &Pseudonym, id: &ActionId) -> Result<EntryText, StoreError> {
        let row: Option<EntryText> = self.get(&self.chat, &keys::entry_text(about, id), Consistency::Strong).await?;
        Ok(row.unwrap_or_default())
    }

    /// The part of an act's transaction that puts its free text.
    pub(super) fn put_entry_text(
        &self,
        about: &Pseudonym,
        id: &ActionId,
        text: &EntryText,
        expires_at: i64,
    ) -> Result<TransactWriteItem, StoreError> {
        #[derive(Serialize)]
        struct EntryTextRow<'a> {
            #[serde(flatten)]
            text: &'a EntryText,
            expires_at: i64,
        }
        let item = item_of(&keys::entry_text(about, id), EntryTextRow { text, expires_at });
        let put = Put::builder().table_name(&self.chat).set_item(Some(item));
        put.part()
    }
}
