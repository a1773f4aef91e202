//! Deletions move a text to where staff alone read it, and taking one back moves it to where it was.

use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;
use shared::domain::message::MessageId;
use shared::domain::moderation::action_id::ActionId;
use shared::domain::moderation::kept::MessageState;
use shared::features::messages::store_send::StoreOutcome;
use shared::features::sessions::rules::Rules;
use shared::features::sessions::store_seq::SeqAllocation;
use tests::caller;

use super::tables::{Tables, draft};

/// The state of a message and its text, as staff see it.
async fn kept(tables: &Tables, id: MessageId) -> (MessageState, Option<String>) {
    let kept = tables.store.message_for_staff(id, tables.now).await.expect("the table answers").expect("a message");
    (kept.fate.state, kept.message.map(|message| message.text().to_owned()))
}

/// Whether a transaction of this part passes its condition.
async fn transact(tables: &Tables, part: TransactWriteItem) -> bool {
    match tables.client.transact_write_items().transact_items(part).send().await {
        Ok(_) => true,
        Err(error) if error.as_service_error().is_some_and(|error| error.is_transaction_canceled_exception()) => false,
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn store_a_deletion_keeps_the_text_of_a_message_whatever_it_was_before() {
    let tables = Tables::new().await;
    let (store, session, now) = (&tables.store, tables.session().await, tables.now);
    let id = |seq| MessageId::new(session.id, seq);
    let standing = id(tables.stored(&session, "standing").await);
    let hidden = id(tables.stored(&session, "hidden").await);
    assert!(transact(&tables, store.hide_in_transaction(hidden, now).unwrap()).await);
    let SeqAllocation::Allocated(seq) = store.allocate_seq(&session, Rules::default(), now).await.unwrap() else {
        panic!("it is open")
    };
    let sent = store.store_shadowed(&session, seq, &caller("ann"), &draft("shadowed", None), now).await.unwrap();
    assert!(matches!(sent, StoreOutcome::Stored(_)));
    let shadowed = id(seq);
    for (id, before, text) in [
        (standing, MessageState::Standing, "standing"),
        (hidden, MessageState::Hidden, "hidden"),
        (shadowed, MessageState::Shadowed, "shadowed"),
    ] {
        let text = Some(text.to_owned());
        assert_eq!(kept(&tables, id).await, (before, text.clone()));
        assert!(store.delete_message(id, now).await.unwrap());
        assert!(!store.delete_message(id, now).await.unwrap(), "once");
        assert_eq!(kept(&tables, id).await, (MessageState::Deleted, text));
        assert_eq!(store.message(id, now).await.unwrap(), None);
    }
    assert_eq!(store.head(session.id, now).await.unwrap().unwrap().total_messages, 2, "nobody sees a shadowed one");
}

#[tokio::test]
async fn store_a_deletion_by_an_act_is_taken_back_by_that_act_alone() {
    let tables = Tables::new().await;
    let (store, session, now) = (&tables.store, tables.session().await, tables.now);
    let id = MessageId::new(session.id, tables.stored(&session, "hello").await);
    let (act, undo) = (ActionId::at(now), ActionId::at(Timestamp::UNIX_EPOCH));
    let deletion = || store.delete_message_in_transaction(id, &act, now).unwrap();
    assert!(transact(&tables, deletion()).await);
    assert!(!transact(&tables, deletion()).await, "once");
    let fate = store.message_for_staff(id, now).await.unwrap().expect("a message").fate;
    assert_eq!((fate.is_undone_with(&act), fate.is_undone_with(&undo)), (true, false));
    let undelete = || store.undelete_message_in_transaction(id, &fate, &undo, now).unwrap();
    assert!(transact(&tables, undelete()).await);
    assert_eq!(kept(&tables, id).await, (MessageState::Standing, Some("hello".to_owned())));
    assert_eq!(store.message(id, now).await.unwrap().expect("it stands").text(), "hello");
    assert!(!transact(&tables, undelete()).await, "once");
}
