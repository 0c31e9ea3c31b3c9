//! Numbers and durations with their ranges: a value outside is refused where it stands, with what was probably meant.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

macro_rules! fraction {
    ($name:ident, $least:literal to $most:literal, slip $slip:literal) => {
        #[doc = concat!("A number from ", $least, " to ", $most, ".")]
        #[derive(Debug, Clone, Copy)]
        pub(super) struct $name(pub(super) f64);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = f64::deserialize(deserializer)?;
                within(value, $least, $most, $slip).map(Self).map_err(Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "number", "minimum": $least, "maximum": $most})
            }
        }
    };
}

macro_rules! whole {
    ($name:ident, $least:literal to $most:literal) => {
        #[doc = concat!("A whole number from ", $least, " to ", $most, ".")]
        #[derive(Debug, Clone, Copy)]
        pub(super) struct $name(pub(super) u32);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = u64::deserialize(deserializer)?;
                match u32::try_from(value) {
                    Ok(fits) if (u64::from($least as u32)..=$most).contains(&value) => Ok(Self(fits)),
                    Ok(_) | Err(_) => {
                        let message = format!("expected {} to {}; found {value}", $least, $most);
                        Err(Error::custom(message))
                    }
                }
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "integer", "minimum": $least, "maximum": $most})
            }
        }
    };
}

fraction!(Points, 0.0 to 10.0, slip 10.0);
fraction!(Share, 0.0 to 1.0, slip 100.0);
fraction!(Confidence, 0.5 to 0.9999, slip 100.0);
fraction!(Temperature, 0.0 to 2.0, slip 0.0);
fraction!(Penalty, -2.0 to 2.0, slip 0.0);
fraction!(Money, 0.0 to 1_000_000_000.0, slip 0.0);
fraction!(Rate, 0.001 to 1_000_000.0, slip 0.0);

whole!(Samples, 1 to 100);
whole!(Votes, 1 to 9);
whole!(Retries, 0 to 20);
whole!(Concurrency, 1 to 4096);
whole!(Count, 0 to 1_000_000_000);
whole!(AtLeastOne, 1 to 1_000_000_000);

/// `slip` is what a value is divided by when the wrong unit was probably used: 80 of 100 for 8 of 10, 95 % for 0.95.
fn within(value: f64, least: f64, most: f64, slip: f64) -> Result<f64, String> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let meant = value / slip;
    let hint = if slip > 0.0 && value > most && (least..=most).contains(&meant) {
        format!(", did you mean {meant:?}?")
    } else {
        String::new()
    };
    Err(format!("expected {least} to {most}; found {value}{hint}"))
}

/// A duration: a whole number and its unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span(pub(super) Duration);

const DURATION: &str = "a duration such as `60s`: a whole number and ms, s, m, h or d";

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Span;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(DURATION)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Span, E> {
                let invalid = || E::invalid_value(Unexpected::Str(text), &self);
                duration(text).map(Span).ok_or_else(invalid)
            }
        }
        deserializer.deserialize_any(Written)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"})
    }
}

/// A size: plain bytes, or a whole number and its unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size(pub(super) u64);

const SIZE: &str = "a size such as `256MB`: a whole number and KB, MB or GB";

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Size;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(SIZE)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Size, E> {
                let invalid = || E::invalid_value(Unexpected::Str(text), &self);
                size(text).map(Size).ok_or_else(invalid)
            }

            fn visit_u64<E: Error>(self, bytes: u64) -> Result<Size, E> {
                let invalid = || E::invalid_value(Unexpected::Unsigned(bytes), &self);
                sized(bytes).map(Size).ok_or_else(invalid)
            }
        }
        deserializer.deserialize_any(Written)
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "integer"], "pattern": "^[0-9]+(KB|MB|GB)$", "minimum": 1, "maximum": MOST_BYTES})
    }
}

/// A terabyte is a mistake.
const MOST_BYTES: u64 = 1_000_000_000_000;

/// Units of a thousand, as disks and GitHub's limits are told in.
fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let unit = match text.strip_prefix(digits)? {
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    sized(digits.parse::<u64>().ok()?.checked_mul(unit)?)
}

fn sized(bytes: u64) -> Option<u64> {
    (1..=MOST_BYTES).contains(&bytes).then_some(bytes)
}

/// At most ten years, so that adding it to a date cannot overflow.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let unit = match text.strip_prefix(digits)? {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "d" => 24 * 60 * 60 * 1000,
        _ => return None,
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let milliseconds = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    (milliseconds <= 3653 * 24 * 60 * 60 * 1000).then(|| Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_numbers_with_a_unit() {
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("10m"), Some(Duration::from_mins(10)));
        assert_eq!(duration("30d"), Some(Duration::from_hours(30 * 24)));
        for text in [
            "",
            "s",
            "60",
            "1.5h",
            "-1s",
            "+1s",
            "1 s",
            "1S",
            "1w",
            "9999999999999999999s",
            "99999d",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_whole_numbers_with_a_unit() {
        assert_eq!(size("256MB"), Some(256_000_000));
        assert_eq!(size("1GB"), Some(1_000_000_000));
        assert_eq!(size("64KB"), Some(64_000));
        for text in [
            "", "MB", "1", "1.5GB", "-1MB", "1 MB", "1mb", "1MiB", "0MB", "2000GB",
        ] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_in_the_wrong_unit_is_told_in_the_right_one() {
        assert_eq!(
            within(80.0, 0.0, 10.0, 10.0).unwrap_err(),
            "expected 0 to 10; found 80, did you mean 8.0?"
        );
        assert_eq!(
            within(95.0, 0.5, 0.9999, 100.0).unwrap_err(),
            "expected 0.5 to 0.9999; found 95, did you mean 0.95?"
        );
        assert_eq!(
            within(-1.0, 0.0, 10.0, 10.0).unwrap_err(),
            "expected 0 to 10; found -1"
        );
        assert!(within(f64::NAN, 0.0, 10.0, 10.0).is_err());
    }
}
