//! The words of an expression.

/// Splits an expression; `None` if it has a character that is not understood here, such as that of a path into a map.
pub(super) fn tokens(expression: &str) -> Option<Vec<&str>> {
    let (mut tokens, mut rest) = (Vec::new(), expression.trim_start_matches(' '));
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' | '=' => 1,
            '<' | '>' if rest[1..].starts_with('=') => 2,
            // `<>`
            '<' if rest[1..].starts_with('>') => return None,
            '<' | '>' => 1,
            _ => rest.find(|character: char| !is_of_a_word(character)).unwrap_or(rest.len()),
        };
        if length == 0 {
            return None;
        }
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start_matches(' ');
    }
    Some(tokens)
}

fn is_of_a_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '#' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_signs_are_told_apart() {
        let found = tokens("pk = :pk AND(sk<= :a)").unwrap();
        assert_eq!(found, ["pk", "=", ":pk", "AND", "(", "sk", "<=", ":a", ")"]);
        for other in ["a.b = :c", "a[0] = :c", "a <> :b", "contains(a, :b)", "a\n= :b"] {
            assert_eq!(tokens(other), None, "{other}");
        }
    }
}
