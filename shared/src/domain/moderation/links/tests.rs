//! What is a link, and what only looks like one.

use super::*;

/// Texts with a link, and its domain.
const LINKS: &[(&str, &str)] = &[
    ("https://example.com", "example.com"),
    ("see http://example.com/a?b=c#d.", "example.com"),
    ("HTTP://EXAMPLE.COM", "example.com"),
    ("seehttps://example.com", "example.com"),
    ("https://example.com.", "example.com"),
    ("(https://example.com)", "example.com"),
    ("\"https://example.com/a\"", "example.com"),
    ("https://example.com:8443/x", "example.com"),
    ("https://user:secret@example.com/", "example.com"),
    ("https://good.org@example.com", "example.com"),
    ("https://good.org,@example.com", "example.com"),
    ("https://example.com\\@good.org", "example.com"),
    ("https:\\\\example.com", "example.com"),
    ("http:/example.com", "example.com"),
    ("http://exa%6dple.com", "example.com"),
    ("http://localhost:8000", "localhost"),
    ("http://main.rs", "main.rs"),
    ("http://127.0.0.1/a", "127.0.0.1"),
    ("http://2130706433/", "127.0.0.1"),
    ("http://[::1]:80/", "[::1]"),
    ("hxxp://example.com", "example.com"),
    ("hXXps://example.com/a", "example.com"),
    ("hxxps[:]//example[.]com", "example.com"),
    ("http[://]example.com", "example.com"),
    ("example.com", "example.com"),
    ("EXAMPLE.Com", "example.com"),
    ("go to example.com, now!", "example.com"),
    ("example.com.", "example.com"),
    ("example.com...", "example.com"),
    ("example.com?", "example.com"),
    ("(example.com)", "example.com"),
    ("**example.com**", "example.com"),
    ("example.com/a", "example.com"),
    ("example.com:8080", "example.com"),
    ("//example.com", "example.com"),
    ("shop.example.co.uk", "shop.example.co.uk"),
    ("www.example.com", "www.example.com"),
    ("www.docs.rs", "www.docs.rs"),
    ("docs.rs/serde", "docs.rs"),
    ("docs.rs:443/serde", "docs.rs"),
    ("163.com", "163.com"),
    ("bob@example.com", "example.com"),
    ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),
    ("example。com", "example.com"),
    ("example｡com", "example.com"),
    ("example․com", "example.com"),
    ("exam\u{200b}ple.c\u{ad}om", "example.com"),
    ("example[.]com", "example.com"),
    ("example(.)com", "example.com"),
    ("example{dot}com", "example.com"),
    ("example [dot] com", "example.com"),
    ("example (DOT) com", "example.com"),
    ("bücher.example.de", "xn--bcher-kva.example.de"),
    ("BÜCHER.de", "xn--bcher-kva.de"),
    ("xn--bcher-kva.de", "xn--bcher-kva.de"),
    ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
    ("例え.中国", "xn--r8jz45g.xn--fiqs8s"),
    ("快来example.com吧。谢谢", "xn--example-ls3nk25c.com"),
    ("example.com.x", "example.com"),
    ("good.org.example.com", "good.org.example.com"),
    ("--example.com", "example.com"),
    ("..example.com", "example.com"),
    ("t.me/joinchat", "t.me"),
    ("bit.ly/3abc", "bit.ly"),
];

/// Texts without a link.
const PLAIN: &[&str] = &[
    "hello",
    "",
    ".",
    "...",
    "a.b.c",
    "main.rs",
    "see src/main.rs:42",
    "readme.md",
    "README.md, please",
    "(setup.py)",
    "install.sh",
    "clip.mov",
    "notes.zip",
    "index.html",
    "photo.jpeg",
    "node.js",
    "1.2.3",
    "v1.2.3-rc.1",
    "192.168.0.1",
    "3.50",
    "€3.50",
    "1.000.000",
    "12.30",
    "10.15 p.m.",
    "at 5.pm",
    "10.am",
    "e.g.",
    "e.g. this",
    "i.e. that",
    "U.S.A.",
    "a.k.a.",
    "p.s.",
    "z.B.",
    "so...com",
    "wait..me",
    "hello. World",
    "no . com",
    "com",
    ".com",
    "the .com boom",
    "dot com",
    "example dot com",
    "http",
    "http://",
    "https://...",
    "http: colon",
    "http//",
    "you(.)",
    "(.)(.)",
    "[.] list",
    "你好。我很好",
    "谢谢。我爱你",
    "行きます。みんな",
    "привет. как дела",
    "@bob",
    "bob@localhost",
    "#1.5",
    "x-.-y",
    "file.txt",
    "a/b/c",
    "and/or",
    "50%.",
    "-.com",
];

#[test]
fn links_are_found_however_they_are_written() {
    for (text, expected) in LINKS {
        let found: Vec<String> = links(text).into_iter().map(|link| link.domain).collect();
        assert_eq!(found, [*expected], "{text:?}");
    }
    println!("{} texts with a link", LINKS.len());
}

#[test]
fn what_only_looks_like_a_link_is_none() {
    for text in PLAIN {
        assert_eq!(links(text), [], "{text:?}");
    }
    println!("{} texts without a link", PLAIN.len());
}

#[test]
fn a_link_knows_its_place_and_one_never_hides_the_next() {
    let places = |text: &str| -> Vec<(String, usize, usize)> {
        links(text).into_iter().map(|link| (link.domain, link.start, link.end)).collect()
    };
    let link = |domain: &str, start, end| (domain.to_owned(), start, end);
    assert_eq!(places("é https://a.com/x?y=(z). "), [link("a.com", 2, 22)]);
    assert_eq!(places("a.com,b.org"), [link("a.com", 0, 5), link("b.org", 6, 11)]);
    assert_eq!(
        places("https://a.com,b.org/c d.net"),
        [link("a.com", 0, 13), link("b.org", 14, 21), link("d.net", 22, 27)]
    );
    assert_eq!(places("a.com@b.org"), [link("a.com", 0, 5), link("b.org", 6, 11)]);
    assert_eq!(places("a.com/?to=b.org"), [link("a.com", 0, 15)], "it leads to a.com");
    assert_eq!(places("x．com:80!"), [link("x.com", 0, 8)]);
    assert_eq!(places("a [dot] com"), [link("a.com", 0, 11)]);
    assert_eq!(places("wait...a.com"), [link("a.com", 7, 12)]);
    assert_eq!(places("a.com吧b.org"), [link("a.xn--comb-no1g.org", 0, 11)]);
}

#[test]
fn domains_are_written_as_links_have_them() {
    for (written, expected) in [
        ("Example.COM", Some("example.com")),
        (" bücher.de ", Some("xn--bcher-kva.de")),
        ("xn--bcher-kva.de", Some("xn--bcher-kva.de")),
        ("example.com.", Some("example.com")),
        ("localhost", Some("localhost")),
        ("*.example.com", None),
        (".example.com", None),
        ("https://example.com", None),
        ("example.com/a", None),
        ("example.com:80", None),
        ("a b", None),
        ("a@b.com", None),
        ("", None),
        ("xn--a", None),
    ] {
        assert_eq!(domain(written).as_deref(), expected, "{written:?}");
    }
}

#[test]
fn what_is_below_a_domain_is_its_own_and_what_ends_alike_is_not() {
    let is_free = |domain: &str| is_below(domain, |parent| parent == "example.com");
    for free in ["example.com", "www.example.com", "a.b.example.com"] {
        assert!(is_free(free), "{free}");
    }
    for foreign in ["badexample.com", "example.com.evil.org", "com", "example.org", ""] {
        assert!(!is_free(foreign), "{foreign}");
    }
}
