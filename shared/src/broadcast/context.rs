//! The dependencies of the broadcast.

use std::sync::Arc;

use crate::broadcast::fan_out::FanOut;
use crate::features::chat::Chat;
use crate::platform::posting::ManagementApi;

/// The broadcast of all sessions.
#[derive(Clone)]
pub struct Broadcast {
    pub(super) chat: Arc<Chat>,
    pub(super) management_api: ManagementApi,
    pub(super) fan_out: Option<FanOut>,
}

impl Broadcast {
    /// A broadcast over these clients. Without `fan_out`, it serves rooms of any size itself.
    pub fn new(chat: Arc<Chat>, management_api: ManagementApi, fan_out: Option<FanOut>) -> Broadcast {
        Broadcast { chat, management_api, fan_out }
    }
}
