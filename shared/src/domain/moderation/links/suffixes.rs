//! The top-level domains, and those of them that are endings of files as well.
//!
//! The list is that of the crate `psl` 2.1.247 without what stands below a top-level domain (docs/decisions/013-words-and-links.md).

use std::collections::HashSet;
use std::sync::LazyLock;

/// One a line: internationalised ones in letters and in Punycode.
static SUFFIXES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("suffixes.txt").lines().collect());

/// Endings of files that chats name more often than addresses below them.
const FILES: [&str; 7] = ["md", "mov", "ps", "py", "rs", "sh", "zip"];

/// Whether it is a top-level domain. It is in lower case.
pub(super) fn is_suffix(label: &str) -> bool {
    SUFFIXES.contains(label)
}

/// Whether a name that ends so is rather that of a file.
pub(super) fn is_of_files(label: &str) -> bool {
    FILES.contains(&label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_each_suffix_once_and_in_order() {
        let list: Vec<&str> = include_str!("suffixes.txt").lines().collect();
        assert!(list.is_sorted_by(|a, b| a < b) && list.len() > 1_400, "{}", list.len());
        assert!(FILES.iter().all(|suffix| is_suffix(suffix)), "what is no suffix needs no exception");
        for suffix in ["com", "ck", "рф", "xn--p1ai", "中国"] {
            assert!(is_suffix(suffix), "{suffix}");
        }
        for other in ["", "co.uk", "txt", "local", "1"] {
            assert!(!is_suffix(other), "{other}");
        }
    }
}
