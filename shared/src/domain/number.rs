//! JSON numbers by value (RFC 8259, section 6): `7`, `7.0` and `70e-1` are one number.

use serde_json::Value;

/// Decimal digits that an `i128` always holds.
const MAX_DIGITS: usize = 38;
/// From here on, a double may stand for its neighbours, too.
const FIRST_UNSAFE_DOUBLE: f64 = 9_007_199_254_740_992.0;

/// The value of a number's text; `None` if it has a fraction, is far out of any range, or is no number.
pub fn whole(text: &str) -> Option<i128> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (is_negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (before_point, after_point) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{before_point}{after_point}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let scale = exponent.parse::<i64>().ok()?.checked_add(zeros as i64)?.checked_sub(after_point.len() as i64)?;
    let scale = usize::try_from(scale).ok().filter(|scale| scale.saturating_add(significant.len()) <= MAX_DIGITS)?;
    let value = significant.parse::<i128>().ok()? * 10_i128.pow(scale as u32);
    Some(if is_negative { -value } else { value })
}

/// The value of a parsed number. If it was written with a point or an exponent, it must be below 2^53, as more digits are lost.
pub fn whole_of(value: &Value) -> Option<i128> {
    let number = value.as_number()?;
    let is_exact = !number.is_f64() || number.as_f64()?.abs() < FIRST_UNSAFE_DOUBLE;
    whole(&number.to_string()).filter(|_| is_exact)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_value_is_the_same_number_however_it_is_written() {
        for text in ["42", "42.0", "42.000", "4.2e1", "4.2E+1", "420e-1", "0.042e3", "4200000e-5"] {
            assert_eq!(whole(text), Some(42), "{text}");
            assert_eq!(whole(&format!("-{text}")), Some(-42), "-{text}");
        }
        for text in ["0", "-0", "0.0", "-0.0e9", "0e99999999999999999999"] {
            assert_eq!(whole(text), Some(0), "{text}");
        }
        assert_eq!(whole("18446744073709551615"), Some(i128::from(u64::MAX)));
        assert_eq!(whole("1.8446744073709551615e19"), Some(i128::from(u64::MAX)));
    }

    #[test]
    fn fractions_and_what_no_range_holds_are_refused() {
        for text in [
            "42.5",
            "1e-1",
            "5e-324",
            "1e39",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "1e9223372036854775807",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
        for text in ["", "-", ".", "\"7\"", "null", "true", "[7]", "NaN", "Infinity", "0x7", " 7", "+7", "1_0", "٧"] {
            assert_eq!(whole(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_parsed_number_is_taken_as_far_as_it_is_exact() {
        assert_eq!(whole_of(&json!(u64::MAX)), Some(i128::from(u64::MAX)));
        assert_eq!(whole_of(&json!(i64::MIN)), Some(i128::from(i64::MIN)));
        assert_eq!(whole_of(&json!(9_007_199_254_740_991.0)), Some(9_007_199_254_740_991));
        for value in [json!(9_007_199_254_740_992.0), json!(1e30), json!(0.5), json!("7"), json!(null), json!([7])] {
            assert_eq!(whole_of(&value), None, "{value}");
        }
    }
}
