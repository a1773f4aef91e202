//! Acts whose last steps are not done yet. The row is in the act's transaction and goes with its last step, so whatever a crash leaves is
//! found here: by the repeated call, or by `housekeep`.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::cover::Cover;
use crate::domain::hosted_id::HostedId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::held::DeniedHolds;
use crate::platform::dynamo::calls::{Consistency, item_of, text};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// Acts that are listed at once.
const MAX_LISTED: i32 = 100;

/// The steps that follow an act's transaction. Each may be repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    /// The user whom they concern.
    pub user_id: Option<String>,
    /// The session in which they happen.
    pub session_id: Option<u64>,
    /// The rules of the session change, so that whatever was judged before is judged again.
    #[serde(default)]
    pub change_rules: bool,
    /// The user's sockets are closed.
    #[serde(default)]
    pub close_sockets: bool,
    /// That happens in all sessions that are not over, not in that of the act alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everywhere: bool,
    /// The modes of the session that were set last are put in force.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub enforce_modes: bool,
    /// The settings of the session that were changed last are put in force.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub enforce_settings: bool,
    /// The session is marked as ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end_session: bool,
    /// This poll takes no more votes, and has its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_poll: Option<HostedId>,
    /// The list of entrants of this draw is frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze_draw: Option<HostedId>,
    /// All open sessions are judged by this version of the list of terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms_version: Option<u64>,
    /// Messages of the session are covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<Cover>,
    /// Messages that wait for a decision are denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deny_holds: Option<DeniedHolds>,
    /// The sanctions of these acts hold no more, and leave the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unlisted: Vec<ActionId>,
    /// What this act covered is back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<ActionId>,
}

impl Steps {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        let touches_session =
            self.enforce_settings || self.end_session || self.end_poll.is_some() || self.freeze_draw.is_some();
        let touches_rules = self.change_rules || self.enforce_modes || self.terms_version.is_some() || touches_session;
        let covers_nothing = self.cover.is_none() && self.restore.is_none() && self.deny_holds.is_none();
        !touches_rules && !self.close_sockets && covers_nothing && self.unlisted.is_empty()
    }
}

/// An act with steps left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnfinishedAct {
    /// The act.
    pub id: ActionId,
    /// Its steps.
    pub steps: Steps,
}

impl Store {
    /// The part of an act's transaction that notes its steps.
    pub(super) fn put_unfinished(&self, act: &UnfinishedAct) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.chat).set_item(Some(item_of(&keys::unfinished(&act.id), act)));
        put.part()
    }

    /// The steps of an act that are left, if any are.
    pub async fn unfinished(&self, id: &ActionId) -> Result<Option<UnfinishedAct>, StoreError> {
        self.get(&self.chat, &keys::unfinished(id), Consistency::Strong).await
    }

    /// Acts that began before a time and have steps left, the oldest first.
    pub async fn unfinished_before(&self, time: Timestamp) -> Result<Vec<UnfinishedAct>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :unfinished AND sk < :time")
            .expression_attribute_values(":unfinished", text(keys::UNFINISHED))
            .expression_attribute_values(":time", text(ActionId::first_at(time).as_str()))
            .limit(MAX_LISTED);
        Ok(self.query_page(query).await?.0)
    }

    /// Notes that all steps of an act are done.
    pub async fn finish(&self, id: &ActionId) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.chat);
        self.delete(delete.set_key(Some(keys::unfinished(id).attributes()))).await.map(drop)
    }
}
