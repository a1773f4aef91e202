//! What terms catch, and what they leave alone.

use proptest::prelude::*;

use super::*;
use crate::domain::error::ChatError;

fn list(json: &str) -> TermList {
    TermList::parse(json.as_bytes()).unwrap()
}

fn one(term: &str, kind: &str, action: &str) -> TermList {
    list(&serde_json::json!({"terms": [{"term": term, "match": kind, "action": action}]}).to_string())
}

fn fault(json: &str) -> (u16, String) {
    let error: ChatError = TermList::parse(json.as_bytes()).unwrap_err();
    (error.status(), error.to_string())
}

#[test]
fn a_list_is_told_back_as_it_was_written() {
    let json = r#"{"terms":[{"term":"Bad*","match":"word","action":"mask"},{"term":"b+","match":"regex","action":"hold","explanation":"No."}],"allow":["badger"],"link_domains":["example.com"]}"#;
    assert_eq!(serde_json::to_string(list(json).written()).unwrap(), json);
}

#[test]
fn a_fault_names_its_entry() {
    let term =
        |term: &str, kind: &str| format!(r#"{{"terms":[{{"term":"{term}","match":"{kind}","action":"block"}}]}}"#);
    for (json, expected) in [
        ("{".to_owned(), "malformed"),
        ("[]".to_owned(), "malformed"),
        ("[[]]".to_owned(), "malformed"),
        (r#"{"terms":[["a","word","block"]]}"#.to_owned(), "terms[0]: invalid type: an array"),
        (r#"{"words":[]}"#.to_owned(), "unknown field `words`"),
        (r#"{"terms":[{"term":"a","match":"word"}]}"#.to_owned(), "terms[0]: missing field `action`"),
        (r#"{"allow":["a",7]}"#.to_owned(), "allow[1]: invalid type"),
        (term("a", "prefix"), "terms[0]: unknown variant `prefix`"),
        (term("a", "word").replace("block", "burn"), "unknown variant `burn`"),
        (term("", "word"), "terms[0].term is empty"),
        (term(&"a".repeat(261), "word"), "terms[0].term has 261 characters"),
        (term("**", "word"), "terms[0] is of wildcards alone"),
        (term("  ", "word"), "terms[0] is white space alone"),
        (term("a*b", "word"), "terms[0] has a * inside"),
        (term("\u{200b}?", "substring"), "terms[0] has no letter and no digit"),
        (term("é(b", "regex"), "at position 1: unclosed group"),
        (term("a|", "regex"), "terms[0].term matches the empty text"),
        (term("a{1000}{1000}", "regex"), "too large a regular expression"),
        (r#"{"allow":["fine","*"]}"#.to_owned(), "allow[1] is of wildcards alone"),
        (r#"{"link_domains":[""]}"#.to_owned(), "link_domains[0] is empty"),
        (r#"{"link_domains":["a.com","https://b.com"]}"#.to_owned(), "link_domains[1] is no domain"),
    ] {
        let (status, sentence) = fault(&json);
        assert!(status == 400 && sentence.contains(expected), "{json}: {status} {sentence}");
    }
}

#[test]
fn a_list_has_limits() {
    let words = vec!["a"; MAX_TERMS + 1];
    assert_eq!(fault(&serde_json::json!({"allow": words}).to_string()).0, 413);
    assert_eq!(fault(&" ".repeat(MAX_BYTES + 1)).0, 413);
    let regexes = vec![serde_json::json!({"term": "b", "match": "regex", "action": "hold"}); MAX_REGEXES + 1];
    assert_eq!(fault(&serde_json::json!({"terms": regexes}).to_string()).0, 413);
}

#[test]
fn kinds_wildcards_and_stretched_letters() {
    for (term, kind, text, expected) in [
        ("ass", "word", "as", false),
        ("ass", "word", "asss!", true),
        ("as", "word", "asss", true),
        ("ass", "word", "pass", false),
        ("ass", "substring", "passing", true),
        ("ass", "substring", "pas sing", false),
        ("scam*", "word", "scammers", true),
        ("scam*", "word", "ascam", false),
        ("*scam", "word", "ascam", true),
        ("*scam*", "word", "xscamx", true),
        ("go to hell", "word", "Go, to HELL.", true),
        ("go to hell", "word", "go to hello", false),
        ("420", "word", "at 420 today", true),
        ("1d10t", "word", "idiot", true),
        ("bob", "word", "@bob", true),
        ("bad", "regex", "a B\u{200b}ÁD", false),
        ("b.d", "regex", "a B\u{200b}AD", true),
        ("你好", "substring", "说你好吗", true),
    ] {
        let verdict = one(term, kind, "block").judge(text);
        assert_eq!(verdict.action.is_some(), expected, "{term} {kind} {text}: {verdict:?}");
    }
}

#[test]
fn a_match_tells_its_characters_and_the_strongest_action_wins() {
    let list = list(
        r#"{"terms":[{"term":"crap","match":"word","action":"mask"},{"term":"scam","match":"word","action":"hold","explanation":"No scams."}]}"#,
    );
    let verdict = list.judge("é\u{301} crap, s\u{200b}cam");
    let places: Vec<_> = verdict.matches.iter().map(|found| (found.term.as_str(), found.start, found.end)).collect();
    assert_eq!(places, [("crap", 3, 7), ("scam", 9, 14)]);
    assert_eq!((verdict.action, verdict.explanation.as_deref()), (Some(Action::Hold), Some("No scams.")));
    assert!(Action::Block > Action::Hold && Action::Hold > Action::Shadow && Action::Shadow > Action::Mask);
    assert_eq!(list.judge("fine"), Verdict::default());
}

#[test]
fn an_allowed_word_hides_what_is_in_it_and_no_more() {
    let list = list(r#"{"terms":[{"term":"cock","match":"substring","action":"block"}],"allow":["peacock"]}"#);
    assert_eq!(list.judge("a PEACOCK").action, None);
    assert!(list.judge("peacocks").action.is_some() && list.judge("peacock cock").matches.len() == 1);
}

#[test]
fn a_mask_covers_whole_characters_of_the_original() {
    for (text, expected) in [
        ("oh crap!", "oh ****!"),
        ("c r a p", "* * * *"),
        ("cra\u{301}p 👍🏽", "**** 👍🏽"),
        ("ＣＲＡＰ", "****"),
        ("fine", "fine"),
    ] {
        assert_eq!(one("crap", "word", "mask").mask(text), expected, "{text:?}");
    }
    assert_eq!(one("crap", "word", "block").mask("crap"), "crap");
}

#[test]
fn the_normalised_text_is_what_terms_are_compared_with() {
    assert_eq!(TermList::normalized("  Hеееllo, W0RLD!! 42"), "heello world 42");
}

#[test]
fn hostile_texts_are_bounded_work() {
    let terms: Vec<_> = (1..=MAX_TERMS)
        .map(|n| serde_json::json!({"term": "ab".repeat(n % 130 + 1), "match": "word", "action": "mask"}))
        .collect();
    let list = list(&serde_json::json!({"terms": terms}).to_string());
    // Nested terms occur at every place of a text that repeats them, so that text has a message's length.
    let texts = ["a ", "1 ", "aa", "a.", "@", "\u{301}"].map(|part| part.repeat(100_000 / part.len()));
    for text in texts.into_iter().chain(["ab".repeat(250)]) {
        let verdict = list.judge(&text);
        assert!(verdict.matches.len() <= MAX_TERMS * 64);
    }
}

/// Letters, signs and marks that terms are dressed up with.
fn dressed() -> impl Strategy<Value = String> {
    prop_oneof!["[abcs@4 .!*1\u{200b}\u{301}]{0,24}", "\\PC{0,40}", any::<String>()]
}

proptest! {
    #[test]
    fn no_text_panics_and_places_are_in_the_text(text in dressed(), term in "[abc1*]{1,4}") {
        let json = serde_json::json!({"terms": [{"term": term, "match": "word", "action": "mask"}]}).to_string();
        if let Ok(list) = TermList::parse(json.as_bytes()) {
            let count = text.chars().count();
            prop_assert!(list.judge(&text).matches.iter().all(|found| found.start < found.end && found.end <= count));
        }
    }

    #[test]
    fn a_masked_text_has_no_term_left(text in dressed(), word in "[abcs]{1,3}", substring in "[abcs]{2,3}") {
        let list = list(&serde_json::json!({"terms": [
            {"term": word, "match": "word", "action": "mask"},
            {"term": substring, "match": "substring", "action": "mask"},
        ]}).to_string());
        let masked = list.mask(&text);
        prop_assert_eq!(list.judge(&masked).action, None, "{:?} {:?}", text, masked);
    }

    #[test]
    fn an_allowed_word_never_adds_a_match(text in dressed(), term in "[abcs]{1,3}", allowed in "[abcs]{1,5}") {
        let terms = serde_json::json!([{"term": term, "match": "substring", "action": "block"}]);
        let without = list(&serde_json::json!({"terms": terms}).to_string()).judge(&text);
        let with = list(&serde_json::json!({"terms": terms, "allow": [allowed]}).to_string()).judge(&text);
        for found in with.matches {
            prop_assert!(without.matches.iter().any(|one| one.start <= found.start && found.end <= one.end));
        }
        prop_assert!(with.action <= without.action);
    }
}

#[test]
fn evasions_are_caught_and_innocent_words_are_not() {
    const WORDS: [&str; 7] = ["scam", "idiot", "damn", "ass", "hell", "crap", "cock"];
    let terms = WORDS.map(|word| serde_json::json!({"term": word, "match": "word", "action": "block"}));
    let list = list(&serde_json::json!({ "terms": terms }).to_string());
    let (mut table, mut wrong) =
        (String::from("| Texts | Kind | Caught | Of |\n|---|---|---|---|\n"), Vec::<&str>::new());
    let mut sums = [("innocent", 0, 0), ("evasion", 0, 0)];
    for line in include_str!("corpus.txt").lines().filter(|line| !line.starts_with('#')) {
        let (kind, texts) = line.split_once(": ").unwrap();
        let (sort, kind) = kind.split_once(' ').unwrap();
        let texts: Vec<&str> = texts.split(" | ").collect();
        let is_caught = |text: &&&str| list.judge(text).action.is_some();
        let caught = texts.iter().filter(is_caught).count();
        wrong.extend(texts.iter().filter(|text| is_caught(text) != (sort == "evasion")));
        table += &format!("| {sort} | {kind} | {caught} | {} |\n", texts.len());
        let sum = &mut sums[usize::from(sort == "evasion")];
        *sum = (sum.0, sum.1 + caught, sum.2 + texts.len());
    }
    for (sort, caught, count) in sums {
        assert!(count >= 60, "{count} texts of {sort}");
        table += &format!("| **{sort}** | **all** | **{caught}** | **{count}** |\n");
    }
    println!("{table}wrongly judged: {wrong:?}");
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/moderation.md");
    let document = std::fs::read_to_string(document).unwrap();
    assert!(document.contains(&table), "docs/moderation.md is stale; wrongly judged: {wrong:?}\n{table}");
}

#[test]
fn links_to_listed_domains_and_below_them_are_free() {
    let list = list(r#"{"link_domains":["Example.com","bücher.de"]}"#);
    for text in ["see https://www.example.com/a, example.com", "http://xn--bcher-kva.de", "no link", "main.rs"] {
        assert!(!list.has_foreign_link(text), "{text}");
    }
    for text in
        ["https://badexample.com", "example.com.evil.org", "https://example.com@evil.org", "example.com evil.org"]
    {
        assert!(list.has_foreign_link(text), "{text}");
    }
    assert!(TermList::default().has_foreign_link("example.com"), "without a list none is free");
}

#[test]
fn a_name_that_matches_any_term_is_not_shown() {
    let list = one("idiot", "word", "mask");
    assert!(list.allows_name("Bob") && list.allows_name("Idioteque"));
    assert!(!list.allows_name("The 1d10t") && !list.allows_name("ＩＤＩＯＴ"));
    assert!(TermList::default().allows_name("idiot"));
}
