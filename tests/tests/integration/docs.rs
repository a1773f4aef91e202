//! The documents are consistent: links have targets, citations of the contract name a section of it, and every table that claims
//! to be printed by a test is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Folders with third-party files, or created by a build.
const NOT_OURS: [&str; 2] = ["target", "node_modules"];

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// Every file of ours whose name has one of these extensions.
fn files(extensions: &[&str]) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![workspace().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_ours = !name.starts_with('.') && !NOT_OURS.contains(&name.as_str());
            if path.is_dir() && is_ours {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A path as messages name it.
fn named(path: &Path) -> String {
    path.strip_prefix(workspace()).unwrap_or(path).display().to_string()
}

/// A document's lines without its code blocks.
fn prose(document: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    document.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

fn headings(document: &str) -> impl Iterator<Item = &str> {
    prose(document).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim())
}

/// The anchors of a document's headings, as GitHub generates them.
fn anchors(document: &str) -> BTreeSet<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let anchor = |heading: &str| {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        let anchor = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let earlier = times.entry(anchor.clone()).and_modify(|count| *count += 1).or_insert(0);
        if *earlier == 0 { anchor } else { format!("{anchor}-{earlier}") }
    };
    headings(document).map(anchor).collect()
}

/// The targets of a line's links and images, except those in inline code.
fn targets(line: &str) -> Vec<String> {
    let line: String = line.split('`').step_by(2).collect();
    let mut found = Vec::new();
    for (begin, end) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
        for (start, _) in line.match_indices(begin) {
            let target = line[start + begin.len()..].split(end).next().unwrap_or_default();
            found.push(target.to_owned());
        }
    }
    found
}

/// The error of a document's link, if it is broken.
fn fault(document: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() { document.to_owned() } else { document.with_file_name("").join(file) };
    if !path.exists() {
        return Some("there is no such file".to_owned());
    }
    let has_anchor = || anchors(&read(&path)).contains(anchor);
    (!anchor.is_empty() && !has_anchor()).then(|| format!("{} has no such heading", named(&path)))
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let (mut links, mut broken) = (0, Vec::new());
    for document in files(&["md"]) {
        let text = read(&document);
        for target in prose(&text).flat_map(targets) {
            links += 1;
            broken.extend(fault(&document, &target).map(|why| format!("{}: {target}: {why}", named(&document))));
        }
    }
    assert!(links > 100, "only {links} links were found");
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

#[test]
fn a_broken_link_is_seen() {
    let readme = workspace().join("README.md");
    assert_eq!(targets("[a](b.md#c) `[d](e)` <img src=\"f.png\"> [g](h)"), ["b.md#c", "h", "f.png"]);
    assert_eq!(anchors("# A `b`, c!\n```sh\n# no\n```\n## A b c"), BTreeSet::from(["a-b-c".into(), "a-b-c-1".into()]));
    for good in ["docs/cost.md", "docs/cost.md#the-model", "#settings", "docs", "https://example.org/none"] {
        assert_eq!(fault(&readme, good), None, "{good}");
    }
    for bad in ["docs/none.md", "docs/cost.md#none", "#none"] {
        assert!(fault(&readme, bad).is_some(), "{bad}");
    }
}

#[test]
fn citations_of_the_contract_name_one_of_its_sections() {
    const CITATION: &str = concat!("docs/contract.md", ", ");
    let contract = read(&workspace().join("docs/contract.md"));
    let sections: Vec<&str> = headings(&contract).collect();
    let (mut citations, mut wrong) = (0, Vec::new());
    for file in files(&["rs", "mjs", "js", "py", "md"]) {
        for line in read(&file).lines() {
            for (start, _) in line.match_indices(CITATION) {
                citations += 1;
                let cited = &line[start + CITATION.len()..];
                if !sections.iter().any(|section| cited.starts_with(section)) {
                    wrong.push(format!("{}: {}", named(&file), line.trim()));
                }
            }
        }
    }
    assert!(citations > 5, "only {citations} citations were found");
    assert!(wrong.is_empty(), "no such section:\n{}", wrong.join("\n"));
}

#[test]
fn every_printed_table_has_its_test() {
    const MARKER: &str = "<!-- printed: ";
    let tests: String = files(&["rs"]).iter().map(|file| read(file)).collect();
    let mut orphans = Vec::new();
    for document in files(&["md"]) {
        let text = read(&document);
        for name in prose(&text).filter_map(|line| line.strip_prefix(MARKER)?.strip_suffix(" -->")) {
            let call = format!("printed::check(\"{}\", \"{name}\",", named(&document));
            if !tests.contains(&call) {
                orphans.push(format!("{}: {name}: no test calls {call} …)", named(&document)));
            }
        }
    }
    assert!(orphans.is_empty(), "{}", orphans.join("\n"));
}

/// The tests that a document names in its tables: names of functions, and files of the browser's tests.
fn named_tests(document: &str) -> BTreeSet<&str> {
    let is_name = |text: &str| {
        let is_part_of_one = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        text.ends_with(".test.mjs") || (text.matches('_').count() > 1 && text.chars().all(is_part_of_one))
    };
    let cells = prose(document).filter(|line| line.starts_with('|')).filter_map(|line| line.rsplit('|').nth(1));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).filter(|text| is_name(text)).collect()
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let document = read(&workspace().join("docs/security.md"));
    let sources: String = files(&["rs", "py"]).iter().map(|file| read(file)).collect();
    let exists = |test: &&&str| match test.strip_suffix(".test.mjs") {
        Some(_) => workspace().join("tests/clients").join(test).exists(),
        None => sources.contains(&format!("fn {test}(")) || sources.contains(&format!("def {test}(")),
    };
    let tests = named_tests(&document);
    assert!(tests.len() > 40, "only {} tests were found", tests.len());
    let missing: Vec<_> = tests.iter().filter(|test| !exists(test)).collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

#[test]
fn every_kind_of_row_is_listed() {
    let root = workspace();
    let keys = ["audit", "chat", "connections"].map(|table| format!("shared/src/platform/dynamo/keys/{table}.rs"));
    let keys = keys.map(|file| read(&root.join(file))).concat();
    let document = read(&root.join("docs/architecture.md"));
    let prefixes = keys.split("format!(\"").skip(1).filter_map(|rest| rest.split_once('#').map(|(prefix, _)| prefix));
    let is_word = |prefix: &&str| !prefix.is_empty() && prefix.chars().all(|c| c.is_ascii_lowercase());
    let prefixes: BTreeSet<&str> = prefixes.filter(is_word).collect();
    assert!(prefixes.len() >= 25, "the keys were found: {prefixes:?}");
    let missing: Vec<_> = prefixes.iter().filter(|prefix| !document.contains(&format!("`{prefix}#"))).collect();
    assert!(missing.is_empty(), "docs/architecture.md does not list {missing:?}");
}
