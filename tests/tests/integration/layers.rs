//! Enforces the architecture's layers: imports go down, and never in a cycle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The crates whose files must not import each other in cycles.
const CRATES: [&str; 8] = ["shared", "functions", "gateway", "load", "cost", "endpoints", "examples/review", "tests"];

/// The layers of `shared`, from the bottom up: each imports only those below it.
const FLOORS: [&str; 5] = ["domain", "platform", "features", "broadcast", "lambda"];

/// Features that every feature may import.
const COMMON_FEATURES: [&str; 8] = ["budgets", "chat", "held", "sessions", "presence", "review", "standing", "terms"];

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

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
    let root = workspace().join(folder);
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

/// A module by its path in its crate; empty for the crate's root.
type Module = Vec<String>;

/// The modules of a crate, each with the modules that its code names.
fn imports(crate_name: &str) -> BTreeMap<Module, BTreeSet<Module>> {
    let root = workspace().join(crate_name).join("src");
    let mut codes = BTreeMap::new();
    for (path, code) in sources(&format!("{crate_name}/src")) {
        let relative = path.strip_prefix(&root).expect("a file of the crate").with_extension("");
        let mut module: Module =
            relative.iter().map(|part| part.to_str().expect("a name of ASCII").to_owned()).collect();
        match module.last().map(String::as_str) {
            Some("mod" | "lib") => drop(module.pop()),
            // Programs: nothing can import them.
            Some("main") => continue,
            _ if module.first().is_some_and(|first| first == "bin") => continue,
            _ => {}
        }
        codes.insert(module, code);
    }
    let known: BTreeSet<&Module> = codes.keys().collect();
    let named = |module: &Module, code: &str| -> BTreeSet<Module> {
        let named = paths(code).into_iter().map(|path| resolve(module, &path, &known));
        named.filter(|other| other != module).collect()
    };
    codes.iter().map(|(module, code)| (module.clone(), named(module, code))).collect()
}

/// Every path in a file's code that begins with `crate`, `self` or `super`; `{…}` is expanded.
fn paths(code: &str) -> Vec<String> {
    let code: String =
        code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let is_part = |character: char| character.is_alphanumeric() || character == '_' || character == ':';
    let mut found = Vec::new();
    for root in ["crate::", "self::", "super::"] {
        for (at, _) in code.match_indices(root) {
            if code[..at].chars().next_back().is_some_and(is_part) {
                continue;
            }
            let rest = &code[at..];
            let path = &rest[..rest.find(|character| !is_part(character)).unwrap_or(rest.len())];
            match rest[path.len()..].strip_prefix('{').and_then(|group| group.split_once('}')) {
                Some((group, _)) => found.extend(group.split(',').map(|item| format!("{path}{}", item.trim()))),
                None => found.push(path.to_owned()),
            }
        }
    }
    found
}

/// The module whose file contains a path's item.
fn resolve(from: &Module, path: &str, known: &BTreeSet<&Module>) -> Module {
    let mut module = from.clone();
    for part in path.split("::") {
        match part {
            "crate" => module.clear(),
            "self" => {}
            "super" => drop(module.pop()),
            name => module.push(name.to_owned()),
        }
    }
    while !known.contains(&module) {
        assert!(module.pop().is_some(), "{path} of {from:?} leads nowhere");
    }
    module
}

/// The modules on a cycle, if there is one.
fn circle(imports: &BTreeMap<Module, BTreeSet<Module>>) -> Option<Vec<String>> {
    let mut open = imports.clone();
    // A module that imports none of the remaining ones is on no cycle.
    while let Some(done) = open.iter().find(|(_, named)| named.is_empty()).map(|(module, _)| module.clone()) {
        open.remove(&done);
        open.values_mut().for_each(|named| {
            named.remove(&done);
        });
    }
    let mut module = open.keys().next()?.clone();
    let mut way = Vec::new();
    while !way.contains(&module) {
        way.push(module.clone());
        module = open[&module].first().expect("it imports something that is left").clone();
    }
    let begins = way.iter().position(|passed| *passed == module).unwrap_or_default();
    Some(way[begins..].iter().map(|module| module.join("/")).collect())
}

#[test]
fn no_file_imports_itself_through_others() {
    for name in CRATES {
        assert_eq!(circle(&imports(name)), None, "a circle in {name}");
    }
}

#[test]
fn a_circle_is_found_and_named() {
    let module = |name: &str| vec![name.to_owned()];
    let imports = |arrows: &[(&str, &str)]| {
        let mut imports: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        for (from, to) in arrows {
            imports.entry(module(from)).or_default().insert(module(to));
            imports.entry(module(to)).or_default();
        }
        imports
    };
    assert_eq!(circle(&imports(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    let found = circle(&imports(&[("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")]));
    assert_eq!(found, Some(vec!["b".to_owned(), "c".to_owned()]));
    assert_eq!(
        paths("use crate::a::{b, c::D};\nfn f() { super::g() } // crate::none"),
        ["crate::a::b", "crate::a::c::D", "super::g"]
    );
}

#[test]
fn imports_in_shared_go_down_the_floors() {
    for (module, named) in imports("shared") {
        let Some(floor) = module.first().map(|name| floor_of(name)) else { continue };
        for other in named.iter().filter(|other| !other.is_empty()) {
            assert!(floor_of(&other[0]) <= floor, "{} must not import {}", module.join("/"), other.join("/"));
        }
    }
}

fn floor_of(name: &str) -> usize {
    FLOORS.iter().position(|floor| *floor == name).unwrap_or_else(|| panic!("{name} is no floor"))
}

#[test]
fn features_import_no_other_feature_but_what_all_of_them_need() {
    for (module, named) in imports("shared") {
        // The chat itself holds what its features cache.
        let [floor, feature, ..] = module.as_slice() else { continue };
        if floor != "features" || feature == "chat" {
            continue;
        }
        for other in named.iter().filter(|other| other.first().is_some_and(|floor| floor == "features")) {
            let may = other.get(1).is_some_and(|other| other == feature || COMMON_FEATURES.contains(&other.as_str()));
            assert!(may, "{} must not import {}", module.join("/"), other.join("/"));
        }
    }
}

#[test]
fn the_domain_knows_no_aws_no_io_and_no_clock() {
    assert_absent("shared/src/domain", &["aws_", "tokio", "Timestamp::now", "SystemTime", "Instant::now"]);
}

#[test]
fn only_the_lambda_floor_and_the_platform_know_what_they_stand_on() {
    for floor in ["domain", "platform", "features", "broadcast"] {
        assert_absent(&format!("shared/src/{floor}"), &["lambda_http", "aws_lambda_events"]);
    }
}

#[test]
fn only_the_broadcast_reaches_sockets() {
    for floor in ["features", "lambda"] {
        for (path, code) in sources(&format!("shared/src/{floor}")) {
            // The object graph passes the broadcast its clients.
            let may = path.ends_with("lambda/app.rs");
            assert!(may || !code.contains("platform::posting"), "{}", path.display());
        }
    }
}

#[test]
fn functions_know_no_gateway_and_every_file_says_why_it_exists() {
    assert_absent("functions/src", &["gateway::"]);
    assert_absent("load/src", &["gateway::settings", "shared::", "functions::"]);
    assert_absent("cost/src", &["gateway::", "shared::", "functions::"]);
    for folder in ["shared/src", "functions/src", "load/src", "cost/src", "gateway/src", "tests/src", "tests/tests"] {
        for (path, code) in sources(folder) {
            assert!(code.starts_with("//!"), "{} begins with //!", path.display());
        }
    }
}

#[test]
fn nothing_is_scanned() {
    assert_absent("shared/src", &[".scan()"]);
}
