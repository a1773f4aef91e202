//! The dependencies of the broadcast.

use std::sync::Arc;

use crate::broadcast::deferral::FlushLater;
use crate::broadcast::fan_out::FanOut;
use crate::broadcast::known_rooms::KnownRooms;
use crate::features::chat::Chat;
use crate::platform::posting::ManagementApi;

/// The broadcast of all sessions.
#[derive(Clone)]
pub struct Broadcast {
    pub(super) chat: Arc<Chat>,
    pub(super) management_api: ManagementApi,
    pub(super) fan_out: Option<FanOut>,
    pub(super) flush_later: Option<FlushLater>,
    pub(super) rooms: KnownRooms,
}

impl Broadcast {
    /// A broadcast over these clients. Without `fan_out`, it serves rooms of any size itself; without `flush_later`, its turns wait for
    /// topics that are not due, whoever else waits.
    pub fn new(
        chat: Arc<Chat>,
        management_api: ManagementApi,
        fan_out: Option<FanOut>,
        flush_later: Option<FlushLater>,
    ) -> Broadcast {
        Broadcast { chat, management_api, fan_out, flush_later, rooms: KnownRooms::default() }
    }
}
