//! How numbers are written for people: two decimals, half away from zero, and more digits wherever rounding would
//! carry a value across its threshold.

/// Two values closer than this are the same: sums of floating point numbers carry such errors.
pub const SLACK: f64 = 1e-9;

const MOST_DIGITS: usize = 9;

/// `8.155` becomes `8.16`.
pub fn points(value: f64) -> String {
    rounded(value, 2)
}

/// A value beside the threshold it is held against: `7.996` against 8 stays `7.996`.
pub fn points_against(value: f64, threshold: f64) -> String {
    let side = |v: f64| {
        if (v - threshold).abs() <= SLACK {
            0
        } else {
            (v - threshold).total_cmp(&0.0) as i8
        }
    };
    (2..=MOST_DIGITS)
        .map(|digits| rounded(value, digits))
        .find(|text| {
            text.parse::<f64>()
                .is_ok_and(|shown| side(shown) == side(value))
        })
        .unwrap_or_else(|| rounded(value, MOST_DIGITS))
}

/// A change with its sign: `+0.20`, `−0.81`, `0.00`.
pub fn change(value: f64) -> String {
    let text = rounded(value.abs(), 2);
    match text.parse::<f64>() {
        Ok(shown) if shown > 0.0 && value < 0.0 => format!("−{text}"),
        Ok(shown) if shown > 0.0 => format!("+{text}"),
        Ok(_) | Err(_) => text,
    }
}

/// So many of something: `1 answer`, `2 answers`, `2 retries`.
pub fn counted(count: impl std::fmt::Display, noun: &str) -> String {
    let count = count.to_string();
    if count == "1" {
        return format!("{count} {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

/// Is `value` below `threshold`, errors of floating point sums aside?
pub fn below(value: f64, threshold: f64) -> bool {
    value < threshold - SLACK
}

fn rounded(value: f64, digits: usize) -> String {
    // `format!` rounds the binary value half to even; the slack turns 8.1549999… (meant as 8.155) into 8.16.
    let nudged = value + SLACK.copysign(value);
    let text = format!("{nudged:.digits$}");
    if text.trim_start_matches(['-', '0', '.']).is_empty() {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!(points(8.155), "8.16");
        assert_eq!(points(8.025), "8.03");
        assert_eq!(points(-0.005), "-0.01");
        assert_eq!(points(8.154_999), "8.15");
    }

    #[test]
    fn a_value_is_never_rounded_across_its_threshold() {
        assert_eq!(points_against(7.996, 8.0), "7.996");
        assert_eq!(points_against(7.999_96, 8.0), "7.99996");
        assert_eq!(points_against(8.0, 8.0), "8.00");
        assert_eq!(points_against(7.99, 8.0), "7.99");
        assert_eq!(points_against(0.504, 0.5), "0.504");
    }

    #[test]
    fn a_change_shows_its_sign_and_zero_has_none() {
        assert_eq!(change(-0.81), "−0.81");
        assert_eq!(change(0.2), "+0.20");
        assert_eq!(change(-0.001), "0.00");
    }
}
