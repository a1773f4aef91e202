//! Exports: what is written is read back as it was meant, whatever people wrote; and what comes from the other side, a place or a page, is
//! taken as it is meant, or refused.
#![no_main]

// These modules are the gateway's, whose other parts the target does not need.
#[path = "../../gateway/src/cli/export/check.rs"]
mod check;
#[path = "../../gateway/src/cli/export/link.rs"]
mod link;

use check::{Check, Ending};
use libfuzzer_sys::fuzz_target;
use shared::domain::export::csv::{Row, cell};
use shared::domain::export::position::Position;
use shared::domain::export::request::{ExportRequest, RawExport};
use shared::domain::export::vtt::Cue;

use link::next_query;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (name, rest) = text.split_once('|').unwrap_or(("Ann", &text));
    written(name, rest);
    if let Ok(position) = rest.parse::<Position>() {
        let again: Position = position.to_string().parse().expect("its own form");
        assert_eq!(again.to_string(), position.to_string());
    }
    let raw = RawExport {
        format: Some("vtt"),
        next: Some(rest),
        start: Some(name),
        user_id: Some(name),
        ..RawExport::default()
    };
    if let Err(refused) = ExportRequest::parse(raw) {
        assert_eq!(refused.code(), "invalid_request");
    }
    if let Some(query) = next_query(&text) {
        assert!(text.contains(&format!("<?{query}>")), "{text:?} leads to {query:?}");
        assert!(query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{query:?}");
    }
    for ending in [Ending::WithLine, Ending::Bare] {
        let mut check = Check::new(ending);
        check.add(name.as_bytes());
        // Nobody has computed this sum.
        assert!(check.end(rest.as_bytes(), Some("0")).is_err());
    }
});

fn written(name: &str, text: &str) {
    let row = Row { username: name.to_owned(), text: text.to_owned(), ..Row::default() }.line();
    let cells = read(&row);
    assert_eq!(cells.len(), 12, "{row:?}");
    for (cell, meant) in [(&cells[5], name), (&cells[7], text)] {
        assert!(cell == meant || *cell == format!("'{meant}"), "{cell:?} of {meant:?}");
        assert!(!cell.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
    }
    assert_eq!(cell(""), "");
    let block = Cue { seq: 7, name, text }.block(1);
    let body = block.strip_suffix("\n\n").expect("the end of the cue");
    assert!(!body.contains("\n\n") && !body.contains(['\r', '\0']), "{block:?}");
    assert_eq!((body.matches("-->").count(), body.matches('<').count()), (1, 1), "{block:?}");
}

/// The cells of a line (RFC 4180).
fn read(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let (mut characters, mut is_quoted) = (line.strip_suffix("\r\n").expect("a line").chars().peekable(), false);
    while let Some(character) = characters.next() {
        let cell = cells.last_mut().expect("a cell");
        match character {
            '"' if !is_quoted => is_quoted = true,
            '"' if characters.peek() == Some(&'"') => cell.extend(characters.next()),
            '"' => is_quoted = false,
            ',' if !is_quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    assert!(!is_quoted, "{line:?}");
    cells
}
