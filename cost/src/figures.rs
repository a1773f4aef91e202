//! Numbers, as people write and read them.

/// A number for people: whole if it is large, with commas.
pub(crate) fn grouped(number: f64) -> String {
    if number.abs() < 100.0 && number.fract() != 0.0 {
        return format!("{number:.2}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Reads a quantity.
pub(crate) fn amount(text: &str) -> Result<f64, String> {
    let is_amount = |number: &f64| number.is_finite() && *number >= 0.0;
    text.parse().ok().filter(is_amount).ok_or_else(|| "a number from 0 on".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_for_people() {
        for (number, text) in
            [(0.0, "0"), (0.126, "0.13"), (999.0, "999"), (1_000.0, "1,000"), (1_234_567.8, "1,234,568")]
        {
            assert_eq!(grouped(number), text);
        }
    }
}
