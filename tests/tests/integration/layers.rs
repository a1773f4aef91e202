//! Holds the code to the layers that the architecture draws: imports go one way.

use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Every file of a folder, with its text up to its tests.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join(folder);
    let files = rust_files(&root);
    assert!(!files.is_empty(), "{folder} has files");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("text");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
        (path, code)
    };
    files.into_iter().map(read).collect()
}

fn assert_absent(folder: &str, forbidden: &[&str]) {
    for (path, code) in sources(folder) {
        for word in forbidden {
            assert!(!code.contains(word), "{} must not know {word}", path.display());
        }
    }
}

#[test]
fn rules_know_no_aws_no_io_no_clock_and_no_later_layer() {
    assert_absent(
        "shared/src/rules",
        &[
            "crate::adapters",
            "crate::use_cases",
            "crate::edge",
            "crate::clock",
            "aws_",
            "tokio",
            "Timestamp::now",
            "SystemTime",
            "Instant::now",
        ],
    );
}

#[test]
fn adapters_know_neither_use_cases_nor_the_edge() {
    assert_absent("shared/src/adapters", &["crate::use_cases", "crate::edge", "lambda_http", "aws_lambda_events"]);
}

#[test]
fn use_cases_know_neither_the_edge_nor_an_sdk() {
    assert_absent("shared/src/use_cases", &["crate::edge", "aws_sdk", "lambda_http", "aws_lambda_events"]);
}

#[test]
fn only_broadcast_and_housekeep_reach_sockets() {
    for (path, code) in sources("shared/src/use_cases") {
        let may = ["broadcast", "housekeep"].iter().any(|name| path.to_string_lossy().contains(name));
        assert!(may || !code.contains("adapters::sockets"), "{}", path.display());
    }
}

#[test]
fn functions_know_no_gateway_and_every_file_says_why_it_exists() {
    assert_absent("functions/src", &["gateway::"]);
    assert_absent("load/src", &["gateway::settings", "shared::", "functions::"]);
    for folder in ["shared/src", "functions/src", "load/src", "gateway/src", "tests/src", "tests/tests"] {
        for (path, code) in sources(folder) {
            assert!(code.starts_with("//!"), "{} begins with //!", path.display());
        }
    }
}

#[test]
fn nothing_is_scanned() {
    assert_absent("shared/src", &[".scan()"]);
}
