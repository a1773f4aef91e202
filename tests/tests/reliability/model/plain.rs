//! The simple model of the store, and the operations on both.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

/// Messages of one user in a minute.
pub(super) const LIMIT: usize = 3;

/// One operation. Users, keys, sockets and messages are few, so that they collide.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Send { user: u8, key: Option<u8> },
    Void,
    Delete { seq: u64 },
    LikeSession { user: u8 },
    LikeMessage { user: u8, seq: u64 },
    UnlikeSession { user: u8 },
    UnlikeMessage { user: u8, seq: u64 },
    See { user: u8 },
    Enter { user: u8, socket: u8 },
    Leave { user: u8, socket: u8 },
    Admit { user: u8, key: Option<u8>, seconds: i64 },
    AdmitRepeat { user: u8, key: u8 },
    TakeBack { user: u8 },
}

pub(super) fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    let (user, key, seq) = (0..3u8, proptest::option::of(0..3u8), 0..8u64);
    prop_oneof![
        4 => (user.clone(), key.clone()).prop_map(|(user, key)| Send { user, key }),
        1 => Just(Void),
        1 => seq.clone().prop_map(|seq| Delete { seq }),
        1 => user.clone().prop_map(|user| LikeSession { user }),
        2 => (user.clone(), seq.clone()).prop_map(|(user, seq)| LikeMessage { user, seq }),
        1 => user.clone().prop_map(|user| UnlikeSession { user }),
        2 => (user.clone(), seq).prop_map(|(user, seq)| UnlikeMessage { user, seq }),
        1 => user.clone().prop_map(|user| See { user }),
        3 => (user.clone(), 0..12u8).prop_map(|(user, socket)| Enter { user, socket }),
        2 => (user.clone(), 0..12u8).prop_map(|(user, socket)| Leave { user, socket }),
        2 => (user.clone(), key, 0..50i64).prop_map(|(user, key, seconds)| Admit { user, key, seconds }),
        1 => (user.clone(), 0..3u8).prop_map(|(user, key)| AdmitRepeat { user, key }),
        1 => user.prop_map(|user| TakeBack { user }),
    ]
}

/// A simple model of the store.
#[derive(Default)]
pub(super) struct Model {
    pub(super) seq: u64,
    /// The existing messages, with the users who like them.
    pub(super) messages: BTreeMap<u64, BTreeSet<u8>>,
    pub(super) voids: u64,
    pub(super) sent: BTreeSet<(u8, u8)>,
    pub(super) likes: BTreeSet<u8>,
    /// Likes of messages that were deleted since.
    pub(super) left_over: BTreeSet<(u64, u8)>,
    pub(super) viewers: BTreeMap<u8, BTreeSet<u8>>,
    pub(super) admitted: BTreeMap<u8, Vec<Entry>>,
    pub(super) entries: u32,
}

/// One send that the rate limit has admitted.
pub(super) struct Entry {
    pub(super) at: i64,
    pub(super) key: Option<u8>,
    pub(super) name: u32,
}

impl Model {
    /// The limit's decision on another send of a user.
    pub(super) fn admit(&mut self, user: u8, key: Option<u8>, now: i64) -> (&'static str, u32) {
        let admitted = self.admitted.entry(user).or_default();
        admitted.retain(|entry| entry.at > now - 60_000);
        self.entries += 1;
        if key.is_some() && admitted.iter().any(|earlier| earlier.key == key) {
            ("Duplicate", self.entries)
        } else if admitted.len() < LIMIT {
            admitted.push(Entry { at: now, key, name: self.entries });
            ("Admitted", self.entries)
        } else {
            ("Refused", self.entries)
        }
    }
}
