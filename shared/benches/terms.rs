//! The CPU cost of judging a message by a list of 1,000 terms, as a send does.
//!
//! `cargo bench -p shared --bench terms` prints the median of several rounds for a message of 200 characters that matches nothing, and
//! for one that matches. The figures are in docs/moderation.md.

mod measure;

use std::hint::black_box;

use measure::{cpu, median};
use shared::domain::moderation::terms::TermList;

const JUDGED: usize = 5_000;
const ROUNDS: usize = 7;

const PLAIN: &str = "Good evening from Lisbon! The sound is great tonight, thanks to the whole crew. Could you show number 7 once more, \
                     please? My sister did not see the draw at 20:15, and she holds ticket 44718 this week";
const MATCHING: &str = "Good evening from Lisbon! The sound is great tonight, thanks to the whole c.r.3.w. Could you show w0rd77x once more, \
                        please? My sister did not see it at www.example.org/a, buy  now, she holds ticket 4";

fn main() {
    let list = TermList::parse(a_thousand_terms().as_bytes()).expect("a list");
    assert_eq!((PLAIN.chars().count(), MATCHING.chars().count()), (200, 200));
    assert!(list.judge(PLAIN).matches.is_empty() && !list.has_foreign_link(PLAIN));
    assert!(list.judge(MATCHING).matches.len() >= 2 && list.has_foreign_link(MATCHING));
    for (name, text) in [("that matches nothing", PLAIN), ("that matches", MATCHING)] {
        let micros = median(ROUNDS, || cost(|| black_box(list.judge(black_box(text)).matches.len())));
        let links = median(ROUNDS, || cost(|| usize::from(black_box(list.has_foreign_link(black_box(text))))));
        println!("a message {name}: {micros:.1} µs of CPU for 1,000 terms, {links:.1} µs for links");
    }
    let compiling = median(ROUNDS, || cost_of(20, || TermList::parse(a_thousand_terms().as_bytes()).map_or(0, |_| 1)));
    println!("compiling: {:.1} ms, once for a version and warm function", compiling / 1000.0);
}

/// 700 words, 250 substrings and 50 regular expressions.
fn a_thousand_terms() -> String {
    let term = |nth: usize| match nth {
        0..700 => format!(r#"{{"term":"word{nth}x*","match":"word","action":"hold"}}"#),
        700..950 => format!(r#"{{"term":"part{nth}","match":"substring","action":"block"}}"#),
        _ => format!(r#"{{"term":"b[ou]y\\s+(now|it|{nth})","match":"regex","action":"mask"}}"#),
    };
    let terms: Vec<String> = (0..1_000).map(term).collect();
    format!(r#"{{"terms":[{}],"allow":["wordless"],"link_domains":["example.com"]}}"#, terms.join(","))
}

fn cost(judge: impl Fn() -> usize) -> f64 {
    cost_of(JUDGED, judge)
}

/// Microseconds of this thread's CPU for one time.
fn cost_of(times: usize, judge: impl Fn() -> usize) -> f64 {
    let before = cpu();
    for _ in 0..times {
        black_box(judge());
    }
    (cpu() - before).as_secs_f64() * 1e6 / times as f64
}
