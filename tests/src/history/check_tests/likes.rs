//! Rules of likes.

use super::*;

#[test]
fn likes_that_are_read_are_those_that_were_given() {
    let read =
        |likes| move |history: &mut History| history.events[14] = Event::ReadLikes { read: 1, message: None, likes };
    assert_eq!(broken(read(0)), only(Rule::Likes));
    assert_eq!(broken(read(2)), only(Rule::Likes));
    assert_eq!(broken(|history| history.end.total_likes = 2), only(Rule::Likes));
    assert_eq!(broken(|history| history.end.rows.get_mut(&1).unwrap().likes = 1), only(Rule::Likes));
    assert_eq!(broken(|history| history.events[15] = Event::HeardLikes { socket: 1, likes: 0 }), only(Rule::Likes));
    let gone = broken(|history| {
        history.end.session_likers.clear();
        history.end.total_likes = 0;
        history.events[15] = Event::HeardLikes { socket: 1, likes: 0 };
    });
    assert_eq!(gone, only(Rule::Likes));
}

/// A message is liked while a socket is open; the socket gets the update unless the argument suppresses it.
fn message_is_liked(history: &mut History, told: Option<u64>) {
    let (user, message) = ("bob".to_owned(), Some(100_000_001));
    history.events.push(Event::Liking { user: user.clone(), message });
    history.events.push(Event::Liked { user: user.clone(), message });
    history.events.extend(told.map(|likes| Event::HeardMessageLikes { socket: 1, id: 100_000_001, likes }));
    history.end.message_likers.insert(1, BTreeSet::from([user]));
    history.end.rows.get_mut(&1).unwrap().likes = 1;
}

#[test]
fn the_likes_of_a_message_are_told_to_the_last_value() {
    assert_eq!(broken(|history| message_is_liked(history, Some(1))), BTreeSet::new());
    assert_eq!(broken(|history| message_is_liked(history, None)), only(Rule::Likes));
    assert_eq!(broken(|history| message_is_liked(history, Some(0))), only(Rule::Likes));
    assert_eq!(broken(|history| message_is_liked(history, Some(2))), only(Rule::Likes), "nobody gave so many");
    let session = broken(|history| drop(history.events.remove(15)));
    assert_eq!(session, only(Rule::Likes), "the session's likes were not told at all");
    let closed = broken(|history| {
        message_is_liked(history, None);
        history.events.push(Event::Closed { socket: 1 });
    });
    assert_eq!(closed, BTreeSet::new());
    let read = |likes| {
        move |history: &mut History| {
            message_is_liked(history, Some(1));
            history.events.push(Event::ReadingLikes { read: 2 });
            history.events.push(Event::ReadLikes { read: 2, message: Some(100_000_001), likes });
        }
    };
    assert_eq!(broken(read(1)), BTreeSet::new());
    assert_eq!(broken(read(0)), only(Rule::Likes));
    let uncounted = broken(|history| {
        message_is_liked(history, Some(1));
        history.end.message_likers.clear();
    });
    assert_eq!(uncounted, only(Rule::Likes));
}

/// A like of the session comes and goes after the good history; the socket hears of both if the last value is told.
fn session_is_unliked(history: &mut History, last_told: bool) {
    let user = "eve".to_owned();
    history.events.extend([
        Event::Liking { user: user.clone(), message: None },
        Event::Liked { user: user.clone(), message: None },
        Event::HeardLikes { socket: 1, likes: 2 },
        Event::ReadingLikes { read: 7 },
        Event::Unliking { user: user.clone(), message: None },
        Event::ReadLikes { read: 7, message: None, likes: 1 },
        Event::Unliked { user, message: None },
    ]);
    history.events.extend(last_told.then_some(Event::HeardLikes { socket: 1, likes: 1 }));
}

#[test]
fn likes_that_were_taken_back_are_gone_and_the_last_value_is_told() {
    assert_eq!(broken(|history| session_is_unliked(history, true)), BTreeSet::new());
    assert_eq!(broken(|history| session_is_unliked(history, false)), only(Rule::Likes), "2 was told last");
    let read_after = |likes| {
        broken(|history| {
            session_is_unliked(history, true);
            history.events.push(Event::ReadingLikes { read: 8 });
            history.events.push(Event::ReadLikes { read: 8, message: None, likes });
        })
    };
    assert_eq!(read_after(1), BTreeSet::new());
    assert_eq!((read_after(2), read_after(0)), (only(Rule::Likes), only(Rule::Likes)));
    let still_there = |history: &mut History| {
        session_is_unliked(history, true);
        history.end.session_likers.insert("eve".to_owned());
        history.end.total_likes = 2;
        history.events.push(Event::HeardLikes { socket: 1, likes: 2 });
    };
    assert_eq!(broken(still_there), only(Rule::Likes));
    let unclear = broken(|history| {
        still_there(history);
        history.events.retain(|event| !matches!(event, Event::Unliked { .. }));
    });
    assert_eq!(unclear, BTreeSet::new(), "taking it back may have failed");
}
