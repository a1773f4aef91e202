//! An export as a table (RFC 4180): for spreadsheets. A cell that a spreadsheet would take for a formula begins with an apostrophe, so the
//! table is for people; programs read the lines of JSON, which have every text as it is.

/// The first row.
pub const HEADER: &str = "type,seq,at,id,user_id,username,message_type,text,state,gone_at,likes,details\r\n";
/// A spreadsheet may take a cell for a formula if one of these is its first character.
const BEGINS_A_FORMULA: [char; 12] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}'];

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The type of the record.
    pub r#type: &'static str,
    /// Its number; that of an act is the one before it.
    pub seq: u64,
    /// Its time.
    pub at: String,
    /// The id of the message or the act.
    pub id: String,
    /// Of an act, its actor.
    pub user_id: String,
    /// The name of the same.
    pub username: String,
    /// Of a message.
    pub message_type: String,
    /// The text of a message, the name of an event or an act.
    pub text: String,
    /// Of a message.
    pub state: String,
    /// When a message was deleted or hidden.
    pub gone_at: String,
    /// Of a message.
    pub likes: String,
    /// What no other column has, as JSON.
    pub details: String,
}

impl Row {
    /// The row with its line break.
    pub fn line(&self) -> String {
        let seq = self.seq.to_string();
        let cells = [
            self.r#type,
            &seq,
            &self.at,
            &self.id,
            &self.user_id,
            &self.username,
            &self.message_type,
            &self.text,
            &self.state,
            &self.gone_at,
            &self.likes,
            &self.details,
        ];
        let mut line = cells.map(cell).join(",");
        line.push_str("\r\n");
        line
    }
}

/// A cell: quoted where that is needed, and never a formula.
pub fn cell(text: &str) -> String {
    let is_formula = text.trim_start_matches(' ').starts_with(BEGINS_A_FORMULA);
    if !is_formula && !text.contains(['"', ',', '\r', '\n']) && !text.starts_with(' ') && !text.ends_with(' ') {
        return text.to_owned();
    }
    format!("\"{}{}\"", if is_formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads one line of cells, as RFC 4180 has it.
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
                other => {
                    assert!(is_quoted || !matches!(other, '\r' | '\n'), "a line break outside quotes");
                    cell.push(other);
                }
            }
        }
        assert!(!is_quoted, "{line}");
        cells
    }

    #[test]
    fn the_header_names_the_columns() {
        assert_eq!(read(HEADER).len(), read(&Row::default().line()).len());
    }

    #[test]
    fn a_formula_is_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", "  =1", "＝1"] {
            assert_eq!(cell(text), format!("\"'{text}\""), "{text:?}");
        }
        for text in ["", "hello", "1=1", "a-b", "'=1", "#1"] {
            assert_eq!(cell(text), text);
        }
        assert_eq!(cell("say \"hi\", you"), "\"say \"\"hi\"\", you\"");
        assert_eq!(cell("two\nlines"), "\"two\nlines\"");
    }

    proptest! {
        #[test]
        fn a_row_is_read_back_and_no_cell_is_a_formula(texts in proptest::array::uniform3("(?s)[=+@,\"\r\n\t -]?.{0,20}")) {
            let [username, text, details] = texts.clone();
            let cells = read(&Row { username, text, details, ..Row::default() }.line());
            prop_assert_eq!(cells.len(), 12);
            for (cell, text) in [&cells[5], &cells[7], &cells[11]].into_iter().zip(&texts) {
                let marked = format!("'{text}");
                prop_assert!(cell == text || *cell == marked);
                prop_assert!(!cell.trim_start_matches(' ').starts_with(BEGINS_A_FORMULA), "{cell:?}");
            }
        }
    }
}
