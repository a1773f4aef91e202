//! The rate against accounts that leave less than is configured.

use proptest::prelude::*;

use super::*;

const SOCKETS: u64 = 500;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// An account that leaves so many requests a second, as API Gateway counts them: a bucket that holds a second's.
struct Account {
    per_second: f64,
    left: f64,
}

impl Account {
    fn new(per_second: f64) -> Account {
        Account { per_second, left: per_second }
    }

    fn takes_post(&mut self, after: Duration) -> bool {
        self.left = (self.left + self.per_second * after.as_secs_f64()).min(self.per_second);
        let takes = self.left >= 1.0;
        self.left -= f64::from(u8::from(takes));
        takes
    }
}

/// Posts for a time as fast as is allowed, to sockets in a mixed order, as their retries make it. Answers with the accepted and the refused posts.
fn post(rate: &mut PostingRate, account: &mut Account, configured: f64, from: Duration, to: Duration) -> (u32, u32) {
    let (mut now, mut accepted, mut refused, mut socket) = (from, 0, 0, 1_u64);
    while now < to {
        let pause = Duration::from_secs_f64(1.0 / rate.limit(now).map_or(configured, |limit| limit.min(configured)));
        now += pause;
        socket = socket.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let socket = (socket >> 33) % SOCKETS;
        if account.takes_post(pause) {
            accepted += 1;
            rate.accepted(socket, now);
        } else {
            refused += 1;
            rate.refused(socket, now);
        }
    }
    (accepted, refused)
}

#[test]
fn an_account_that_is_short_of_requests_is_soon_asked_for_little_more_than_it_has() {
    let (warm, end) = (ms(5_000), ms(65_000));
    for (left, configured) in
        [(1_000.0, 7_500.0), (3_000.0, 7_500.0), (6_000.0, 7_500.0), (500.0, 20_000.0), (200.0, 300.0)]
    {
        let (mut rate, mut account) = (PostingRate::default(), Account::new(left));
        post(&mut rate, &mut account, configured, Duration::ZERO, warm);
        let (accepted, refused) = post(&mut rate, &mut account, configured, warm, end);
        let share = f64::from(refused) / f64::from(accepted + refused);
        let before = (configured - left) / configured;
        println!(
            "{left} of {configured} posts a second: {:.1} % are refused, {:.1} % before",
            share * 100.0,
            before * 100.0
        );
        assert!(
            share < 0.08 && share < before / 2.0,
            "{left} of {configured}: {share:.3} are refused, {before:.3} before"
        );
        let used = f64::from(accepted) / (left * (end - warm).as_secs_f64());
        assert!(used > 0.85, "{left} of {configured}: {used:.3} of what is left is used");
    }
}

#[test]
fn the_rate_is_the_configured_one_a_minute_after_the_last_refusal() {
    let (mut rate, begin) = (PostingRate::default(), ms(10_000));
    post(&mut rate, &mut Account::new(1_000.0), 7_500.0, Duration::ZERO, begin);
    let lowered = rate.limit(begin).expect("it was lowered");
    assert!((500.0..1_500.0).contains(&lowered), "{lowered}");
    // Whoever used the rest has gone.
    let mut account = Account::new(1e6);
    let mut last = lowered;
    for second in 0..58 {
        let (from, to) = (begin + ms(second * 1_000), begin + ms(second * 1_000 + 1_000));
        assert_eq!(post(&mut rate, &mut account, 7_500.0, from, to).1, 0);
        let Some(limit) = rate.limit(to) else { break };
        assert!(limit > last, "it rises: {limit} after {last}");
        last = limit;
    }
    assert!(last > 6_000.0, "{last}");
    let later = begin + RECOVERY;
    assert_eq!(rate.limit(later), None);
    assert!(post(&mut rate, &mut account, 7_500.0, later, later + ms(1_000)).0 >= 7_490);
}

#[test]
fn single_refusals_and_short_bursts_of_them_change_nothing() {
    let mut rate = PostingRate::default();
    for i in 0..60_000 {
        // A burst of 700 ms every five seconds, and one refusal in a hundred posts otherwise.
        let (socket, now) = (i % SOCKETS, ms(i));
        if i % 5_000 < 700 || i % 100 == 0 {
            let _lower = rate.refused(socket, now);
        } else {
            rate.accepted(socket, now)
        }
        assert_eq!(rate.limit(now), None, "after {i} ms");
    }
}

#[test]
fn sockets_that_are_full_change_nothing_however_often_they_are_tried() {
    let mut rate = PostingRate::default();
    for i in 0..60_000 {
        let now = ms(i);
        // Forty of a small room's sockets take nothing, and are tried again and again.
        if i % 3 == 0 {
            rate.accepted(100 + i % 10, now)
        } else {
            let _lower = rate.refused(i % 40, now);
        }
        assert_eq!(rate.limit(now), None, "after {i} ms");
    }
}

#[test]
fn what_was_refused_long_ago_is_not_counted_with_what_is_refused_now() {
    let mut rate = PostingRate::default();
    for burst in 0..20 {
        for i in 0..200 {
            rate.refused(i, ms(burst * 10_000 + i));
        }
        assert_eq!(rate.limit(ms(burst * 10_000 + 300)), None);
    }
}

#[test]
fn a_step_leaves_a_quarter_of_the_rate_at_least() {
    let mut rate = PostingRate::default();
    let mut seen = Vec::new();
    for i in 0..8_000_u32 {
        // A thousand a second, all of them refused: by sockets that accept one post now and then.
        let (socket, now) = (u64::from(i) % SOCKETS, ms(u64::from(i)));
        if i % 20 == 0 {
            rate.accepted((socket + 1) % SOCKETS, now)
        }
        seen.extend(rate.refused(socket, now));
    }
    assert!(seen.len() >= 2 && seen[0] >= 250.0 && seen[1] >= seen[0] / 4.0, "{seen:?}");
}

proptest! {
    #[test]
    fn the_rate_is_never_below_the_least_and_always_lifted_again(
        posts in prop::collection::vec((0..2_000_u64, 0..200_u64, prop::bool::weighted(0.3)), 1..3_000),
    ) {
        let (mut rate, mut now) = (PostingRate::default(), Duration::ZERO);
        for (micros, socket, is_accepted) in posts {
            now += Duration::from_micros(micros);
            let before = rate.limit(now);
            if is_accepted { rate.accepted(socket, now) } else {
                let lower = rate.refused(socket, now);
                prop_assert_eq!(lower.is_some(), rate.limit(now) != before);
            }
            prop_assert!(rate.limit(now).is_none_or(|limit| limit >= MIN_RATE && limit.is_finite()));
        }
        prop_assert_eq!(rate.limit(now + RECOVERY), None);
    }
}
