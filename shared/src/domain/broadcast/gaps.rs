//! Which numbers can be told now: those in an unbroken row after the cursor. Two sends may store their rows in the other order
//! than their numbers, so a missing number below a stored one is waited for, and then settled as void.

/// What stands after the cursor.
#[derive(Debug, PartialEq, Eq)]
pub struct Ahead {
    /// How many of the stored numbers follow the cursor without a gap.
    pub ready: usize,
    /// The number that is missing after them although a later one is stored, or is to be settled in any case.
    pub missing: Option<u64>,
}

/// Looks at the numbers that are stored after the cursor (in order). Numbers up to `settle_up_to` are to be settled, stored or not.
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
    fn an_unbroken_row_is_ready_up_to_the_first_missing_number() {
        assert_eq!(look_ahead(4, &[], 0), Ahead { ready: 0, missing: None });
        assert_eq!(look_ahead(4, &[5, 6], 0), Ahead { ready: 2, missing: None });
        assert_eq!(look_ahead(4, &[5, 7, 8], 0), Ahead { ready: 1, missing: Some(6) });
        assert_eq!(look_ahead(4, &[6], 0), Ahead { ready: 0, missing: Some(5) });
    }

    #[test]
    fn a_last_number_that_nobody_stored_is_missing_only_if_it_is_to_be_settled() {
        assert_eq!(look_ahead(4, &[5], 6), Ahead { ready: 1, missing: Some(6) });
        assert_eq!(look_ahead(4, &[5], 5), Ahead { ready: 1, missing: None });
    }
}
