//! Every kind of row that names a user is in the list of those that an erasure takes.

use std::collections::BTreeSet;

use shared::features::erasure::kinds::{KINDS, NAMELESS, NAMING};

/// The functions that make keys, with their parameters.
fn functions() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/src/platform/dynamo/keys");
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).expect("the folder of keys") {
        let path = file.expect("a file").path();
        if path.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        let source = std::fs::read_to_string(path).expect("a file of keys");
        for part in source.split("fn ").skip(1) {
            let (name, rest) = part.split_once('(').expect("parameters");
            let (parameters, _) = rest.split_once(')').expect("the end of the parameters");
            found.push((name.to_owned(), parameters.to_owned()));
        }
    }
    found
}

#[test]
fn each_key_that_holds_the_id_of_a_user_is_taken_by_a_step_of_an_erasure() {
    let functions = functions();
    let holds_an_id = |parameters: &str| {
        parameters.split(',').any(|one| {
            let name = one.split(':').next().unwrap_or_default().trim();
            name.ends_with("user_id") || name.ends_with("actor_id")
        })
    };
    let naming: BTreeSet<&str> =
        functions.iter().filter(|(_, parameters)| holds_an_id(parameters)).map(|(name, _)| name.as_str()).collect();
    assert!(naming.len() >= 20, "they were found: {naming:?}");
    let listed: BTreeSet<&str> = KINDS.iter().map(|(name, _)| *name).chain(NAMELESS.iter().copied()).collect();
    assert_eq!(naming, listed, "left: keys of the code; right: shared/src/features/erasure/kinds.rs");
    let known: BTreeSet<&str> = functions.iter().map(|(name, _)| name.as_str()).collect();
    assert!(NAMING.iter().all(|(name, _)| known.contains(name)), "{NAMING:?}");
}
