//! Gaps after the cursor. A number can be flushed if every number between it and the cursor is stored. Sends may store their messages
//! in another order than that of their numbers, so the broadcast waits for a missing number and then settles it as void.

/// The numbers after the cursor.
#[derive(Debug, PartialEq, Eq)]
pub struct Ahead {
    /// The count of stored numbers that follow the cursor without a gap.
    pub ready: usize,
    /// The first missing number, if a later one is stored or if it must be settled anyway.
    pub missing: Option<u64>,
}

/// Looks at the numbers that are stored after the cursor, in order. Numbers up to `settle_up_to` must be settled, stored or not.
pub fn look_ahead(cursor: u64, stored: &[u64], settle_up_to: u64) -> Ahead {
    let ready = stored.iter().zip(cursor + 1..).take_while(|(stored, expected)| **stored == *expected).count();
    let next = cursor + ready as u64 + 1;
    let missing = (ready < stored.len() || next <= settle_up_to).then_some(next);
    Ahead { ready, missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ready_up_to_the_first_missing_one() {
        assert_eq!(look_ahead(4, &[], 0), Ahead { ready: 0, missing: None });
        assert_eq!(look_ahead(4, &[5, 6], 0), Ahead { ready: 2, missing: None });
        assert_eq!(look_ahead(4, &[5, 7, 8], 0), Ahead { ready: 1, missing: Some(6) });
        assert_eq!(look_ahead(4, &[6], 0), Ahead { ready: 0, missing: Some(5) });
    }

    #[test]
    fn a_last_number_that_is_not_stored_is_missing_only_if_it_must_be_settled() {
        assert_eq!(look_ahead(4, &[5], 6), Ahead { ready: 1, missing: Some(6) });
        assert_eq!(look_ahead(4, &[5], 5), Ahead { ready: 1, missing: None });
    }
}
