//! The rules about notices.

use super::*;

/// A history of a viewer's socket, to which these events are added.
fn with(events: Vec<Event>) -> BTreeSet<Rule> {
    broken(|history| history.events.extend(events))
}

fn of_staff(events: Vec<Event>) -> BTreeSet<Rule> {
    broken(|history| {
        history.staff.insert("bob".to_owned());
        history.events.extend(events);
    })
}

#[test]
fn no_frame_for_staff_or_another_user_reaches_a_viewer() {
    let to_staff = || vec![notifying("2", Audience::Staff), heard_notice(1, "2")];
    assert_eq!(with(to_staff()), only(Rule::Notices));
    assert_eq!(of_staff(to_staff()), BTreeSet::new());
    let to = |user: &str| vec![notifying("2", Audience::User(user.to_owned())), heard_notice(1, "2")];
    assert_eq!(with(to("ann")), only(Rule::Notices));
    assert_eq!(of_staff(to("ann")), only(Rule::Notices));
    assert_eq!(with(to("bob")), BTreeSet::new());
    assert_eq!(with(vec![heard_notice(1, "made up")]), only(Rule::Notices));
}

#[test]
fn a_notice_is_not_missed_by_a_socket_of_its_audience_that_stays_open() {
    let missed = || vec![notifying("2", Audience::Staff)];
    assert_eq!(of_staff(missed()), only(Rule::Notices));
    assert_eq!(with(missed()), BTreeSet::new(), "it was not for this socket");
    let closed = vec![notifying("2", Audience::Everybody), Event::Closed { socket: 1 }];
    assert_eq!(with(closed), BTreeSet::new());
    let before_it_opened = broken(|history| history.events.insert(0, notifying("0", Audience::Everybody)));
    assert_eq!(before_it_opened, BTreeSet::new());
    let may_miss = broken(|history| {
        history.may_miss = true;
        history.events.push(notifying("2", Audience::Everybody));
    });
    assert_eq!(may_miss, BTreeSet::new());
}

#[test]
fn notices_are_in_order_and_a_repeat_needs_a_crash() {
    let swapped = || {
        let (two, three) = (notifying("2", Audience::Everybody), notifying("3", Audience::Everybody));
        vec![two, three, heard_notice(1, "3"), heard_notice(1, "2")]
    };
    assert_eq!(with(swapped()), only(Rule::Notices));
    let after_a_crash = broken(|history| {
        history.may_repeat = true;
        history.events.extend(swapped());
    });
    assert_eq!(after_a_crash, only(Rule::Notices), "a crash excuses no wrong order");
    let the_clock_went_back = broken(|history| {
        history.events.push(Event::ClockWentBack);
        history.events.extend(swapped());
    });
    assert_eq!(the_clock_went_back, BTreeSet::new(), "ids are in the order of the clock");
    assert_eq!(with(vec![heard_notice(1, "1")]), only(Rule::Notices));
    let repeated_after_a_crash = broken(|history| {
        history.may_repeat = true;
        history.events.push(heard_notice(1, "1"));
    });
    assert_eq!(repeated_after_a_crash, BTreeSet::new());
}
