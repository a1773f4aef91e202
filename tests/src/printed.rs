//! Tests print their measurements into documents: the text is between two marker lines, and the test fails if it does not match
//! the measurement. With `PRINT_DOCS=1` the test writes the text instead; `.ci/printed` runs all such tests.
//!
//! ```text
//! <!-- printed: NAME -->
//! | what the test printed |
//! <!-- /printed -->
//! ```

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

const END: &str = "<!-- /printed -->";

/// Compares the part `name` of the document `path` (relative to the workspace) with a test's output.
///
/// # Panics
/// If the committed text differs (with the difference), or if the document has no such part.
pub fn check(path: &str, name: &str, printed: &str) {
    // Two tests may print parts of one document.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mode = if std::env::var("PRINT_DOCS").is_ok_and(|value| value == "1") { Mode::Write } else { Mode::Compare };
    match compare_or_write(root, path, name, printed, mode) {
        // `.ci/printed` reads this line.
        Ok(outcome) => println!("printed: {path}, {name}: {outcome}"),
        Err(sentence) => panic!("{sentence}"),
    }
}

/// The action for a text that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Compare,
    Write,
}

fn compare_or_write(root: &Path, path: &str, name: &str, printed: &str, mode: Mode) -> Result<&'static str, String> {
    let file = root.join(path);
    let document = fs::read_to_string(&file).map_err(|error| format!("{path} cannot be read: {error}"))?;
    let (before, committed, after) = split(&document, name).map_err(|sentence| format!("{path} {sentence}"))?;
    let printed = format!("{}\n", printed.trim_matches('\n'));
    if committed == printed {
        return Ok("current");
    }
    if mode == Mode::Write {
        fs::write(&file, [before, &printed, after].concat())
            .map_err(|error| format!("{path} cannot be written: {error}"))?;
        return Ok("written");
    }
    Err(format!(
        "{path} is stale: its part \"{name}\" is not what this test printed (- committed, + printed)\n{}\
         To update it: .ci/printed --write",
        difference(committed, &printed)
    ))
}

/// The document up to the part, the part, and the rest.
fn split<'a>(document: &'a str, name: &str) -> Result<(&'a str, &'a str, &'a str), String> {
    let begin = format!("<!-- printed: {name} -->\n");
    let (start, _) =
        document.match_indices(&begin).next().ok_or_else(|| format!("has no line {}", begin.trim_end()))?;
    let (before, rest) = document.split_at(start + begin.len());
    if rest.contains(&begin) {
        return Err(format!("has the line {} twice", begin.trim_end()));
    }
    let length = if rest.starts_with(END) { Some(0) } else { rest.find(&format!("\n{END}")).map(|end| end + 1) };
    let (part, after) =
        length.map(|length| rest.split_at(length)).ok_or_else(|| format!("has no {END} after {}", begin.trim_end()))?;
    // The end marker of another part is not this part's end.
    if part.contains("<!-- printed: ") {
        return Err(format!("has no {END} after {}", begin.trim_end()));
    }
    Ok((before, part, after))
}

/// The lines that only one of the two texts has, by their longest common subsequence.
fn difference(committed: &str, printed: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (committed.lines().collect(), printed.lines().collect());
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for (i, old_line) in old.iter().enumerate().rev() {
        for (j, new_line) in new.iter().enumerate().rev() {
            common[i][j] =
                if old_line == new_line { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            lines += &format!("- {}\n", old[i]);
            i += 1;
        } else {
            lines += &format!("+ {}\n", new[j]);
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# Costs\n\n<!-- printed: units -->\n| a | 1 |\n| b | 2 |\n<!-- /printed -->\nThe end.\n";

    fn root(document: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("costs.md"), document).unwrap();
        root
    }

    fn run(root: &tempfile::TempDir, name: &str, printed: &str, mode: Mode) -> Result<&'static str, String> {
        compare_or_write(root.path(), "costs.md", name, printed, mode)
    }

    fn text(root: &tempfile::TempDir) -> String {
        fs::read_to_string(root.path().join("costs.md")).unwrap()
    }

    #[test]
    fn a_current_table_passes_and_is_left_alone() {
        let root = root(DOCUMENT);
        for mode in [Mode::Compare, Mode::Write] {
            assert_eq!(run(&root, "units", "| a | 1 |\n| b | 2 |", mode), Ok("current"));
        }
        assert_eq!(text(&root), DOCUMENT);
    }

    #[test]
    fn a_stale_table_fails_with_the_rows_that_differ_and_the_command_that_prints_it() {
        let root = root(DOCUMENT);
        let sentence = run(&root, "units", "| a | 1 |\n| b | 3 |\n| c | 4 |", Mode::Compare).unwrap_err();
        for part in ["costs.md is stale", "\"units\"", "- | b | 2 |\n+ | b | 3 |\n+ | c | 4 |\n", ".ci/printed --write"]
        {
            assert!(sentence.contains(part), "{part} is not in: {sentence}");
        }
        assert!(!sentence.contains("| a | 1 |"), "{sentence}");
        assert_eq!(text(&root), DOCUMENT);
    }

    #[test]
    fn a_stale_table_is_written_in_place_when_asked_for() {
        let root = root(DOCUMENT);
        assert_eq!(run(&root, "units", "| new |\n", Mode::Write), Ok("written"));
        assert_eq!(text(&root), "# Costs\n\n<!-- printed: units -->\n| new |\n<!-- /printed -->\nThe end.\n");
        assert_eq!(run(&root, "units", "| new |", Mode::Compare), Ok("current"));
    }

    #[test]
    fn an_empty_part_can_be_filled() {
        let root = root("<!-- printed: units -->\n<!-- /printed -->\n");
        assert!(run(&root, "units", "| new |", Mode::Compare).is_err());
        assert_eq!(run(&root, "units", "| new |", Mode::Write), Ok("written"));
        assert_eq!(text(&root), "<!-- printed: units -->\n| new |\n<!-- /printed -->\n");
    }

    #[test]
    fn a_missing_marker_is_named_in_both_modes() {
        let without_end = "<!-- printed: units -->\n| a | 1 |\n<!-- printed: other -->\n<!-- /printed -->\n";
        let twice = [DOCUMENT, DOCUMENT].concat();
        for (document, name, expected) in [
            (DOCUMENT, "permissions", "costs.md has no line <!-- printed: permissions -->"),
            (without_end, "units", "costs.md has no <!-- /printed --> after <!-- printed: units -->"),
            ("<!-- printed: units -->\n", "units", "costs.md has no <!-- /printed --> after <!-- printed: units -->"),
            (&twice, "units", "costs.md has the line <!-- printed: units --> twice"),
        ] {
            let root = root(document);
            for mode in [Mode::Compare, Mode::Write] {
                assert_eq!(run(&root, name, "| a | 1 |", mode), Err(expected.to_owned()));
            }
            assert_eq!(text(&root), document);
        }
    }

    #[test]
    fn a_missing_document_is_named() {
        let root = root(DOCUMENT);
        let sentence = compare_or_write(root.path(), "none.md", "units", "", Mode::Write).unwrap_err();
        assert!(sentence.starts_with("none.md cannot be read"), "{sentence}");
    }
}
