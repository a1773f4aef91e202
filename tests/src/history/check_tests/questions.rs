//! Questions that are missing from the list, listed twice, with other votes, or whose mark does not hold.

use super::polls::entry;
use super::*;

const ONE: u64 = 100_000_001;
const TWO: u64 = 100_000_002;

fn question(id: u64, likes: u64, answered: bool) -> ListedQuestion {
    ListedQuestion { id, likes, answered }
}

fn read(read: u64, listed: Vec<ListedQuestion>) -> Event {
    QuestionEvent::Read { read, by_age: false, listed }.into()
}

fn reading(read: u64) -> Event {
    QuestionEvent::Reading { read }.into()
}

fn heard_mark(notice: &str, answered: bool) -> Event {
    QuestionEvent::Heard { socket: 1, notice: notice.to_owned(), id: ONE, answered }.into()
}

/// A good history whose two messages are questions: one with a vote, which is marked as answered.
fn with_questions(history: &mut History) {
    let asking = |text: &str| QuestionEvent::Asking { text: text.to_owned() }.into();
    history.events.splice(0..0, [asking("text 1"), asking("text 2")]);
    history.events.extend([ONE, TWO].map(|id| QuestionEvent::Asked { id }.into()));
    history.events.push(Event::Liking { user: "bob".to_owned(), message: Some(TWO) });
    history.events.push(Event::Liked { user: "bob".to_owned(), message: Some(TWO) });
    history.events.push(Event::HeardMessageLikes { socket: 1, id: TWO, likes: 1 });
    history.events.extend([reading(80), read(80, vec![question(TWO, 1, false), question(ONE, 0, false)])]);
    history.events.push(QuestionEvent::Marking { id: ONE, answered: true }.into());
    history.events.push(heard_mark("n1", true));
    history.events.push(QuestionEvent::Marked { id: ONE, answered: true }.into());
    history.events.extend([reading(81), read(81, vec![question(TWO, 1, false), question(ONE, 0, true)])]);
    let row = |history: &mut History, seq, answered| {
        history.end.rows.get_mut(&seq).expect("a row").question = Some(answered);
    };
    row(history, 1, true);
    row(history, 2, false);
    history.end.rows.get_mut(&2).expect("a row").likes = 1;
    history.end.message_likers.insert(2, BTreeSet::from(["bob".to_owned()]));
    history.end.questions = vec![question(TWO, 1, false), question(ONE, 0, true)];
    let answer = LogEntry { message_ids: vec![ONE], ..entry("answer") };
    history.end.log.insert(answer.id.clone());
    history.end.entries.push(answer);
}

fn broken_with_questions(change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        with_questions(history);
        change(history);
    })
}

#[test]
fn questions_that_are_listed_with_their_votes_and_marks_are_good() {
    assert_eq!(broken_with_questions(|_| {}), BTreeSet::new());
}

#[test]
fn a_question_that_is_missing_twice_or_not_in_its_place_is_listed_wrong() {
    let list = |change: fn(&mut Vec<ListedQuestion>)| {
        let at_the_end = broken_with_questions(|history| change(&mut history.end.questions));
        let read = broken_with_questions(|history| {
            let mut listed = history.end.questions.clone();
            change(&mut listed);
            history.events.extend([reading(82), read(82, listed)]);
        });
        (at_the_end, read)
    };
    let wrong = || only(Rule::Questions);
    assert_eq!(list(|listed| listed.truncate(1)), (wrong(), wrong()));
    assert_eq!(list(|listed| listed.push(listed[0].clone())), (wrong(), wrong()));
    assert_eq!(list(|listed| listed[1].answered = false), (wrong(), wrong()));
    assert_eq!(list(|listed| listed[0].answered = true), (wrong(), wrong()), "nobody has marked it");
    assert_eq!(list(|listed| listed.reverse()), (wrong(), wrong()));
    // The likes of a read in between are judged by the rule about likes.
    assert_eq!(list(|listed| listed[0].likes = 2), (wrong(), BTreeSet::new()));
    let by_age = |listed: Vec<ListedQuestion>| {
        broken_with_questions(|history| {
            history.events.extend([reading(82), QuestionEvent::Read { read: 82, by_age: true, listed }.into()]);
        })
    };
    assert_eq!(by_age(vec![question(TWO, 1, false), question(ONE, 0, true)]), BTreeSet::new());
    assert_eq!(by_age(vec![question(ONE, 0, true), question(TWO, 1, false)]), wrong());
}

#[test]
fn what_has_left_the_room_is_listed_no_more_and_may_not_be_marked() {
    let deleted = |history: &mut History| {
        history.events.push(Event::Deleting { id: TWO, by: "ann".to_owned() });
        history.events.push(Event::HeardDeletion { socket: 1, id: TWO });
        history.events.extend([reading(83), read(83, vec![question(ONE, 0, true)])]);
        history.events.push(QuestionEvent::Marking { id: TWO, answered: true }.into());
        history.events.push(QuestionEvent::Gone { id: TWO }.into());
        history.end.rows.get_mut(&2).expect("a row").text = None;
    };
    let still_listed = broken_with_questions(deleted);
    assert!(still_listed.contains(&Rule::Questions), "{still_listed:?}");
    let gone = |history: &mut History| {
        deleted(history);
        history.end.questions.remove(0);
    };
    assert!(!broken_with_questions(gone).contains(&Rule::Questions));
    let refused = |history: &mut History| {
        history.events.push(QuestionEvent::Marking { id: TWO, answered: true }.into());
        history.events.push(QuestionEvent::Gone { id: TWO }.into());
    };
    assert_eq!(broken_with_questions(refused), only(Rule::Questions));
}

#[test]
fn what_was_asked_is_a_question_and_nothing_else_is() {
    let statement = |history: &mut History| {
        history.end.rows.get_mut(&2).expect("a row").question = None;
        history.end.questions.remove(0);
    };
    assert_eq!(broken_with_questions(statement), only(Rule::Questions));
    let unasked = |history: &mut History| {
        let asking = QuestionEvent::Asking { text: "text 2".to_owned() }.into();
        history.events.retain(|event| *event != asking);
    };
    assert_eq!(broken_with_questions(unasked), only(Rule::Questions));
}

#[test]
fn an_acknowledged_mark_that_does_not_hold_is_lost() {
    let lost = |history: &mut History| {
        history.end.rows.get_mut(&1).expect("a row").question = Some(false);
        history.end.questions[1].answered = false;
        history.end.entries.clear();
    };
    assert_eq!(broken_with_questions(lost), only(Rule::Questions));
    assert_eq!(broken_with_questions(|history| history.end.entries.clear()), only(Rule::Audit));
    let twice = |history: &mut History| {
        for id in ["two", "three"] {
            let again = LogEntry { id: id.to_owned(), ..history.end.entries[0].clone() };
            history.end.entries.push(again);
            history.end.log.insert(id.to_owned());
        }
    };
    assert_eq!(broken_with_questions(twice), only(Rule::Audit));
}

#[test]
fn an_open_socket_that_does_not_hear_of_the_last_mark_missed_it() {
    let unheard = |history: &mut History| history.events.retain(|event| *event != heard_mark("n1", true));
    assert_eq!(broken_with_questions(unheard), only(Rule::Questions));
    let may_miss = |history: &mut History| {
        unheard(history);
        history.may_miss = true;
    };
    assert_eq!(broken_with_questions(may_miss), BTreeSet::new());
    let other = |history: &mut History| history.events.push(heard_mark("n2", false));
    assert_eq!(broken_with_questions(other), only(Rule::Questions));
    // The same notice once more is no news.
    let repeated = |history: &mut History| history.events.push(heard_mark("n1", false));
    assert_eq!(broken_with_questions(repeated), BTreeSet::new());
}
