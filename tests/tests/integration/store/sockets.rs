//! Sockets: presence, rooms, notes of lagging ones, and tickets.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::SignedDuration;
use shared::domain::caller::Caller;
use shared::domain::ticket::Ticket;
use shared::features::presence::store::SocketAdmission;
use shared::features::sockets::store::Socket;
use shared::features::sockets::store_subscribers::{Missed, Slice, Subscribers};
use tests::caller;

use super::tables::{Tables, socket};

#[tokio::test]
async fn store_a_viewer_has_at_most_ten_sockets_and_leaves_with_the_last() {
    let tables = Tables::new().await;
    let session = tables.session().await;
    let enter = |id: usize| {
        let (store, session, now) = (&tables.store, &session, tables.now);
        let ann = Caller { user_id: "ann".to_owned(), ..Caller::default() };
        async move { store.add_socket(session, &ann, &format!("socket{id}"), now).await.unwrap() }
    };
    let entrances = join_all((0..15).map(enter)).await;
    assert_eq!(entrances.iter().filter(|entrance| **entrance == SocketAdmission::Granted).count(), 10);
    let viewers = async || tables.store.head(1, tables.now).await.unwrap().unwrap().viewer_count;
    assert_eq!(viewers().await, 1);
    let open = tables.store.presence(1, "ann").await.unwrap().unwrap();
    assert_eq!(open.sockets.len(), 10);
    assert!(!tables.store.forget_viewer(1, &open).await.unwrap(), "sockets are open");
    for id in &open.sockets {
        tables.store.remove_socket(1, "ann", id).await.unwrap();
        tables.store.remove_socket(1, "ann", id).await.unwrap();
    }
    assert_eq!((viewers().await, tables.store.presence(1, "ann").await.unwrap()), (0, None));
    assert!(tables.store.touch_viewer(&session, "bob", tables.now).await.unwrap());
    assert!(!tables.store.touch_viewer(&session, "bob", tables.now).await.unwrap());
    assert_eq!(viewers().await, 1);
    assert!(!tables.store.correct_viewers(&session, 5, 3).await.unwrap(), "it was not 5");
    assert!(tables.store.correct_viewers(&session, 1, 3).await.unwrap());
}

#[tokio::test]
async fn store_slices_hold_every_subscriber_of_a_large_room_once() {
    let tables = Tables::new().await;
    let session = tables.session().await;
    let sockets: Vec<Socket> = (0..1_200).map(|id| socket(id, &session)).collect();
    for some in sockets.chunks(50) {
        for subscribed in join_all(some.iter().map(|socket| tables.store.subscribe(socket))).await {
            subscribed.unwrap();
        }
    }
    let Subscribers::Estimated(estimate) = tables.store.list_or_estimate(session.id).await.unwrap() else {
        panic!("1,200 are many")
    };
    assert!((1_000..1_450).contains(&estimate), "{estimate}");
    let mut found = Vec::new();
    for slice in Slice::cut(3) {
        let subscribers = tables.store.subscribers(session.id, slice).await.unwrap();
        assert!((300..500).contains(&subscribers.len()), "slices are about equal: {}", subscribers.len());
        found.extend(subscribers.into_iter().map(|subscriber| subscriber.connection_id));
    }
    let distinct: BTreeSet<&String> = found.iter().collect();
    assert_eq!((found.len(), distinct.len()), (1_200, 1_200));
}

#[tokio::test]
async fn store_a_lagging_socket_has_a_note_in_its_row() {
    let tables = Tables::new().await;
    let session = tables.session().await;
    let one = socket(1, &session);
    tables.store.put_socket(&one).await.unwrap();
    tables.store.subscribe(&one).await.unwrap();
    let id = &one.connection_id;
    assert!(tables.store.mark_lagging(session.id, id, 4, 1_000, &Missed::default()).await.unwrap());
    assert!(tables.store.mark_lagging(session.id, id, 9, 2_000, &Missed::default()).await.unwrap());
    assert!(!tables.store.mark_lagging(session.id, "nobody", 9, 2_000, &Missed::default()).await.unwrap());
    let subscriber = async || tables.store.subscribers(1, Slice::ALL).await.unwrap()[0].clone();
    let lagging_after = async || subscriber().await.lagging_after;
    assert_eq!((lagging_after().await, subscriber().await.last_taken_ms), (Some(9), 2_000));
    tables.store.mark_caught_up(session.id, id).await.unwrap();
    assert_eq!(lagging_after().await, None);
    let seen = subscriber().await;
    tables.store.subscribe(&one).await.unwrap();
    tables.store.prune_subscriber(session.id, &seen).await.unwrap();
    assert_ne!(subscriber().await.nonce, seen.nonce, "a frame has subscribed the socket again meanwhile: it stays");
    tables.store.prune_subscriber(session.id, &subscriber().await).await.unwrap();
    assert!(tables.store.subscribers(1, Slice::ALL).await.unwrap().is_empty());
    assert!(tables.store.socket(id).await.unwrap().unwrap().was_pruned);
    tables.store.delete_socket(session.id, id).await.unwrap();
    assert_eq!(tables.store.socket(id).await.unwrap(), None);
    assert!(tables.store.subscribers(1, Slice::ALL).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_ticket_is_redeemed_by_one_connection_within_thirty_seconds() {
    let tables = Tables::new().await;
    let holder = caller("ann");
    let after = |ms: i64| tables.now + SignedDuration::from_millis(ms);
    for round in 0..10 {
        let ticket = tables.store.issue_ticket(&holder, tables.now).await.unwrap();
        let ids: Vec<String> = (0..12).map(|i| format!("connection{round}.{i}=")).collect();
        let redeemed = join_all(ids.iter().map(|id| tables.store.redeem_ticket(&ticket, id, tables.now))).await;
        let redeemed: Vec<_> = redeemed.into_iter().map(Result::unwrap).collect();
        let winner = redeemed.iter().position(Option::is_some).expect("somebody gets in");
        assert_eq!(redeemed.iter().flatten().collect::<Vec<_>>(), [&holder]);
        // The same write again, as the SDK retries it when a response was lost.
        assert_eq!(tables.store.redeem_ticket(&ticket, &ids[winner], after(10)).await.unwrap(), Some(holder.clone()));
    }
    for (ms, is_good) in [(29_999, true), (30_000, false), (3_600_000, false)] {
        let ticket = tables.store.issue_ticket(&holder, tables.now).await.unwrap();
        let redeemed = tables.store.redeem_ticket(&ticket, "late=", after(ms)).await.unwrap();
        assert_eq!(redeemed.is_some(), is_good, "after {ms} ms");
    }
    let unknown = Ticket::from_bytes([7; 32]);
    for _ in 0..2 {
        assert_eq!(tables.store.redeem_ticket(&unknown, "x=", tables.now).await.unwrap(), None, "no row comes to be");
    }
}
