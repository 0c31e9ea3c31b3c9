//! What a model was made from, as far as a repository can know: its ID and its training data, and which of them moved.

use crate::record::{DataFile, DataRecord, LockedModel, Origin};
use crate::score::digest;

/// An agent's training data on both sides of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataNow {
    /// The files as they are judged.
    pub files: Vec<DataFile>,
    /// Names their contents; absent where the agent names no data, or its files could not be told.
    pub digest: Option<String>,
    /// The same on the side before, where there is one.
    pub before: Option<String>,
    /// True where every row is what it was, although the bytes differ.
    pub same_rows: bool,
}

/// Names the contents of files, whatever their paths and order.
pub fn data_digest(files: &[DataFile]) -> Option<String> {
    let mut contents: Vec<&str> = files.iter().map(|file| file.digest.as_str()).collect();
    contents.sort_unstable();
    digest(&contents).ok().map(|digest| digest.to_string())
}

/// Whether the model's ID moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelId {
    /// It is the one of the side before.
    Stays,
    /// It is another one.
    Moves,
}

/// What is known of the model at this commit; `stored` is what was known when its baseline was measured, `now` RFC 3339.
pub fn provenance(
    data: &DataNow,
    model: ModelId,
    stored: Option<&DataRecord>,
    locked: Option<&LockedModel>,
    now: &str,
) -> DataRecord {
    let known = DataRecord {
        digest: data.digest.clone(),
        files: data.files.clone(),
        ..DataRecord::default()
    };
    if data.digest.is_none() {
        return known;
    }
    match model {
        ModelId::Moves => match locked.and_then(|locked| locked.data.as_ref()) {
            Some(made_from) => returned(made_from, data, locked, known, now),
            None => moved(data, stored, known),
        },
        ModelId::Stays => stayed(data, stored, known, now),
    }
}

/// A model that was a baseline before: what it was made from was said then.
fn returned(
    made_from: &str,
    data: &DataNow,
    locked: Option<&LockedModel>,
    known: DataRecord,
    now: &str,
) -> DataRecord {
    let behind = Some(made_from) != data.digest.as_deref();
    DataRecord {
        trained_on: Some(made_from.to_owned()),
        origin: locked.and_then(|locked| locked.origin),
        job: locked.and_then(|locked| locked.job.clone()),
        changes_since: u32::from(behind),
        stale_since: behind.then(|| now.to_owned()),
        ..known
    }
}

/// The new model is said to be made from the present data, if that is not what the old one was made from.
fn moved(data: &DataNow, stored: Option<&DataRecord>, known: DataRecord) -> DataRecord {
    let former = stored.and_then(|stored| stored.trained_on.as_ref().or(stored.digest.as_ref()));
    let of_old_model = former.or(data.before.as_ref());
    let behind = stored.is_some_and(|stored| stored.changes_since > 0);
    // Bytes that differ while the rows do not are no other data.
    let only_written_otherwise = data.same_rows && of_old_model == data.before.as_ref();
    let differs = of_old_model.is_some_and(|old| Some(old) != data.digest.as_ref());
    let origin = if behind || (differs && !only_written_otherwise) {
        Some(Origin::Claimed)
    } else {
        // Without a record nobody knows how long the data has been what it is.
        stored.map(|_| Origin::Unknown)
    };
    DataRecord {
        trained_on: known
            .digest
            .clone()
            .filter(|_| origin == Some(Origin::Claimed)),
        origin,
        ..known
    }
}

/// The model is what it was; if the data is not, it is one change more behind.
fn stayed(data: &DataNow, stored: Option<&DataRecord>, known: DataRecord, now: &str) -> DataRecord {
    let before = data
        .before
        .as_ref()
        .or(stored.and_then(|stored| stored.digest.as_ref()));
    let changed = before.is_some() && before != data.digest.as_ref() && !data.same_rows;
    let behind = stored.map_or(0, |stored| stored.changes_since);
    let trained_on = stored.and_then(|stored| stored.trained_on.clone());
    // Written otherwise, the data that it was made from has another digest now.
    let renamed = data.same_rows && trained_on.is_some() && trained_on == data.before;
    DataRecord {
        trained_on: if renamed {
            data.digest.clone()
        } else {
            trained_on
        },
        origin: stored.and_then(|stored| stored.origin),
        changes_since: behind.saturating_add(u32::from(changed)),
        stale_since: stored
            .and_then(|stored| stored.stale_since.clone())
            .or_else(|| changed.then(|| now.to_owned())),
        ..known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-05-03T10:00:00Z";

    fn data(before: &str, now: &str) -> DataNow {
        DataNow {
            files: Vec::new(),
            digest: Some(now.to_owned()),
            before: Some(before.to_owned()),
            same_rows: false,
        }
    }

    fn stored(trained_on: Option<&str>, digest: &str, changes_since: u32) -> DataRecord {
        DataRecord {
            digest: Some(digest.to_owned()),
            trained_on: trained_on.map(str::to_owned),
            changes_since,
            stale_since: (changes_since > 0).then(|| "2026-05-01T10:00:00Z".to_owned()),
            ..DataRecord::default()
        }
    }

    #[test]
    fn data_that_changes_beside_the_same_model_is_counted_until_the_model_moves() {
        let first = provenance(
            &data("a", "b"),
            ModelId::Stays,
            Some(&stored(Some("a"), "a", 0)),
            None,
            NOW,
        );
        assert_eq!(
            (first.changes_since, first.stale_since.as_deref()),
            (1, Some(NOW))
        );
        assert_eq!(first.trained_on.as_deref(), Some("a"));
        let second = provenance(
            &data("b", "c"),
            ModelId::Stays,
            Some(&first),
            None,
            "2026-06-01T10:00:00Z",
        );
        assert_eq!(
            (second.changes_since, second.stale_since.as_deref()),
            (2, Some(NOW))
        );
        let trained = provenance(&data("c", "c"), ModelId::Moves, Some(&second), None, NOW);
        assert_eq!(trained.trained_on.as_deref(), Some("c"));
        assert_eq!(
            (trained.origin, trained.changes_since),
            (Some(Origin::Claimed), 0)
        );
    }

    #[test]
    fn a_model_that_moves_after_its_data_belongs_to_it_although_the_first_record_knew_nothing() {
        let first = provenance(
            &data("a", "b"),
            ModelId::Stays,
            Some(&stored(None, "a", 0)),
            None,
            NOW,
        );
        let trained = provenance(&data("b", "b"), ModelId::Moves, Some(&first), None, NOW);
        assert_eq!(
            (trained.trained_on.as_deref(), trained.origin),
            (Some("b"), Some(Origin::Claimed))
        );
    }

    #[test]
    fn a_model_that_moves_while_the_data_never_did_has_an_unknown_origin() {
        let model = provenance(
            &data("a", "a"),
            ModelId::Moves,
            Some(&stored(Some("a"), "a", 0)),
            None,
            NOW,
        );
        assert_eq!(
            (model.origin, model.trained_on),
            (Some(Origin::Unknown), None)
        );
        let first = provenance(&data("a", "a"), ModelId::Moves, None, None, NOW);
        assert_eq!(
            first.origin, None,
            "nobody knows since when the data is what it is"
        );
        let reformatted = DataNow {
            same_rows: true,
            ..data("a", "a2")
        };
        let model = provenance(
            &reformatted,
            ModelId::Moves,
            Some(&stored(Some("a"), "a", 0)),
            None,
            NOW,
        );
        assert_eq!(model.origin, Some(Origin::Unknown));
    }

    #[test]
    fn model_and_data_that_move_together_belong_together() {
        for stored in [
            None,
            Some(stored(Some("a"), "a", 0)),
            Some(stored(None, "a", 0)),
        ] {
            let model = provenance(&data("a", "b"), ModelId::Moves, stored.as_ref(), None, NOW);
            assert_eq!(model.trained_on.as_deref(), Some("b"));
            assert_eq!(model.origin, Some(Origin::Claimed));
        }
    }

    #[test]
    fn data_that_is_only_written_otherwise_is_what_the_model_was_made_from() {
        let reformatted = DataNow {
            same_rows: true,
            ..data("a", "a2")
        };
        let model = provenance(
            &reformatted,
            ModelId::Stays,
            Some(&stored(Some("a"), "a", 0)),
            None,
            NOW,
        );
        assert_eq!(
            (model.trained_on.as_deref(), model.changes_since),
            (Some("a2"), 0)
        );
    }

    #[test]
    fn without_data_nothing_is_claimed() {
        let nothing = provenance(
            &DataNow::default(),
            ModelId::Moves,
            Some(&stored(Some("a"), "a", 1)),
            None,
            NOW,
        );
        assert_eq!(nothing, DataRecord::default());
    }

    #[test]
    fn the_digest_of_data_is_that_of_its_contents_alone() {
        let file = |path: &str, digest: &str| DataFile {
            path: path.to_owned(),
            digest: digest.to_owned(),
            bytes: None,
        };
        let one = data_digest(&[file("a", "git:1"), file("b", "git:2")]);
        assert_eq!(one, data_digest(&[file("c", "git:2"), file("d", "git:1")]));
        assert_ne!(one, data_digest(&[file("a", "git:1")]));
        assert_ne!(
            one,
            data_digest(&[file("a", "git:1"), file("b", "git:2"), file("c", "git:2")])
        );
    }
}
