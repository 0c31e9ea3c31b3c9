//! The points of a case or sample by dimension, small: a run of many cases holds two of these for each.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::score::Dimension;

/// Points by dimension, 0 to 10 each.
///
/// The built-in dimensions take no memory of their own; a suite's own names are kept in a map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Points {
    built_in: [Option<Small>; 4],
    #[expect(
        clippy::box_collection,
        reason = "a box is a third of a map, and there are two for each case"
    )]
    named: Option<Box<BTreeMap<Dimension, f64>>>,
}

/// A finite number whose absence takes no room of its own: the bits are inverted, so that none of them is zero for
/// any number but one NaN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Small(std::num::NonZeroU64);

impl Small {
    fn new(value: f64) -> Option<Self> {
        std::num::NonZeroU64::new(!value.to_bits()).map(Self)
    }

    const fn value(self) -> f64 {
        f64::from_bits(!self.0.get())
    }
}

impl Points {
    /// The points in a dimension that applies.
    pub fn get(&self, dimension: &Dimension) -> Option<f64> {
        match place(dimension) {
            Some(place) => self
                .built_in
                .get(place)
                .copied()
                .flatten()
                .map(Small::value),
            None => self.named.as_ref()?.get(dimension).copied(),
        }
    }

    /// Whether no dimension applies.
    pub fn is_empty(&self) -> bool {
        self.named.is_none() && self.built_in.iter().all(Option::is_none)
    }

    /// Every dimension that applies, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (Dimension, f64)> {
        self.to_map().into_iter()
    }

    /// Those of the built-in dimensions, in the order of [`Dimension::BUILT_IN`].
    pub(super) fn built_in(&self) -> [Option<f64>; 4] {
        self.built_in.map(|points| points.map(Small::value))
    }

    /// Those of a suite's own dimensions.
    pub(super) fn named(&self) -> impl Iterator<Item = (&Dimension, &f64)> {
        self.named.iter().flat_map(|named| named.iter())
    }

    fn to_map(&self) -> BTreeMap<Dimension, f64> {
        let built_in = Dimension::BUILT_IN.into_iter().zip(self.built_in());
        let named = self.named().map(|(name, points)| (name.clone(), *points));
        built_in
            .filter_map(|(name, points)| Some((name, points?)))
            .chain(named)
            .collect()
    }
}

fn place(dimension: &Dimension) -> Option<usize> {
    Dimension::BUILT_IN
        .iter()
        .position(|known| known == dimension)
}

impl FromIterator<(Dimension, f64)> for Points {
    fn from_iter<I: IntoIterator<Item = (Dimension, f64)>>(all: I) -> Self {
        let mut points = Self::default();
        for (dimension, value) in all {
            match place(&dimension).and_then(|place| points.built_in.get_mut(place)) {
                Some(known) => *known = Small::new(value),
                None => {
                    points
                        .named
                        .get_or_insert_default()
                        .insert(dimension, value);
                }
            }
        }
        points
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.to_map())
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
    }
}

impl JsonSchema for Points {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Points".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <BTreeMap<Dimension, f64>>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_as_they_are_written_whatever_their_dimensions() {
        for text in [
            r"{}",
            r#"{"format":0.0,"quality":8.25}"#,
            r#"{"brevity":3.5,"format":10.0,"tone":0.1}"#,
        ] {
            let points: Points = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&points).unwrap(), text);
        }
    }

    #[test]
    fn a_dimension_that_does_not_apply_is_not_zero() {
        let points: Points = [(Dimension::FORMAT, 0.0), (Dimension::new("tone"), 4.0)]
            .into_iter()
            .collect();
        assert_eq!(points.get(&Dimension::FORMAT), Some(0.0));
        assert_eq!(points.get(&Dimension::QUALITY), None);
        assert_eq!(points.get(&Dimension::new("tone")), Some(4.0));
        assert_eq!(points.get(&Dimension::new("brevity")), None);
    }

    #[test]
    fn built_in_dimensions_fit_in_forty_bytes() {
        assert!(size_of::<Points>() <= 40);
    }
}
