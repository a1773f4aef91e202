//! Keys keep rows apart and in order.

use super::connections::subscriber_sort_key;
use super::*;
use crate::domain::ticket::Ticket;

#[test]
fn users_cannot_make_two_keys_collide() {
    assert_ne!(sent(1, "a#b", "c"), sent(1, "a", "b#c"));
    assert_ne!(presence(1, "a#b"), presence(1, "a"));
    assert_ne!(session_like(1, "2#x"), session_like(12, "x"));
    assert_ne!(liked_messages(1, "2#x"), liked_messages(12, "x"));
    assert_ne!(acted("a", "b", "c"), acted("a", "bc", ""));
}

#[test]
fn a_ticket_is_not_in_its_key() {
    let secret = Ticket::from_bytes([7; 32]);
    let key = ticket(&secret);
    assert!(!key.pk.contains(&secret.to_text()) && key.pk.len() == "ticket#".len() + 43, "{key:?}");
    assert_ne!(key, ticket(&Ticket::from_bytes([8; 32])));
}

#[test]
fn likes_of_a_session_spread_evenly() {
    let mut shards = [0; 8];
    for i in 0..8_000 {
        shards[usize::from(shard_of(&format!("user{i}"), 8))] += 1;
    }
    assert!(shards.iter().all(|likes| (800..1200).contains(likes)), "{shards:?}");
}

#[test]
fn subscribers_spread_evenly() {
    let mut slices = [0; 16];
    for i in 0..16_000 {
        slices[usize::from_str_radix(&subscriber_sort_key(&format!("connection{i}="))[..1], 16).unwrap()] += 1;
    }
    assert!(slices.iter().all(|size| (800..1200).contains(size)), "{slices:?}");
}
