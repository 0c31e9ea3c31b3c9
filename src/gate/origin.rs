//! Holds what a repository says of a model's origin against what its provider says: it may fit, and it may not. More than
//! that neither of them can prove.

use std::collections::BTreeMap;

use super::Plan;
use crate::edge::model::About;
use crate::record::{DataRecord, Origin, RunRecord};

/// Marks origins that the provider confirms; returns what does not fit, in sentences.
pub(super) fn confirm(
    plan: &Plan,
    about: &BTreeMap<(String, String), About>,
    record: &mut RunRecord,
) -> Vec<String> {
    let mut told = Vec::new();
    for planned in &plan.agents {
        let name = &planned.agent.name;
        let key = (
            planned.agent.provider.clone(),
            planned.candidate.model.clone(),
        );
        let agent = record.agents.iter_mut().find(|agent| agent.name == *name);
        let (Some(about), Some(agent)) = (about.get(&key), agent) else {
            continue;
        };
        let base = planned.agent.base_model.as_deref();
        let changed = plan.data_changed.get(name).map(String::as_str);
        let misfit = misfit(about, base, changed);
        if let Some(why) = &misfit {
            told.push(format!(
                "{name}: the provider of `{}` says that {why}",
                planned.candidate.model
            ));
        }
        settle(about, misfit.is_some(), &mut agent.data);
    }
    told
}

fn settle(about: &About, misfits: bool, data: &mut DataRecord) {
    if data.digest.is_none() {
        return;
    }
    data.job = data.job.take().or_else(|| about.job.clone());
    let says_something = about.job.is_some() || about.base.is_some() || about.created.is_some();
    if data.origin == Some(Origin::Claimed) && says_something && !misfits {
        data.origin = Some(Origin::ConfirmedByProvider);
    }
}

/// What the provider says otherwise.
fn misfit(about: &About, base: Option<&str>, changed: Option<&str>) -> Option<String> {
    if let (Some(made_from), Some(base)) = (about.base.as_deref(), base)
        && made_from != base
    {
        return Some(format!(
            "it was made from `{made_from}`, the configuration says `{base}`"
        ));
    }
    let created = jiff::Timestamp::from_second(about.created?).ok()?;
    let changed: jiff::Timestamp = changed?.parse().ok()?;
    (created < changed).then(|| {
        let day = |time: jiff::Timestamp| time.to_zoned(jiff::tz::TimeZone::UTC).date();
        format!(
            "it was created on {}, before its training data changed here on {}",
            day(created),
            day(changed)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(created: Option<i64>, base: Option<&str>) -> About {
        About {
            created,
            job: None,
            base: base.map(str::to_owned),
        }
    }

    fn claimed() -> DataRecord {
        DataRecord {
            digest: Some("sha256:1".to_owned()),
            origin: Some(Origin::Claimed),
            ..DataRecord::default()
        }
    }

    #[test]
    fn a_provider_that_says_nothing_confirms_nothing() {
        let mut data = claimed();
        settle(&About::default(), false, &mut data);
        assert_eq!(data.origin, Some(Origin::Claimed));
        settle(&about(Some(1_790_000_000), None), false, &mut data);
        assert_eq!(data.origin, Some(Origin::ConfirmedByProvider));
    }

    #[test]
    fn another_base_model_or_a_model_that_is_older_than_its_data_does_not_fit() {
        let why = misfit(&about(None, Some("mixtral")), Some("open-mistral-7b"), None);
        assert!(why.unwrap().contains("made from `mixtral`"));
        assert_eq!(misfit(&about(None, Some("m")), Some("m"), None), None);
        let changed = Some("2026-05-03T10:00:00Z");
        let why = misfit(&about(Some(1_777_000_000), None), None, changed).unwrap();
        assert!(
            why.contains(
                "created on 2026-04-24, before its training data changed here on 2026-05-03"
            ),
            "{why}"
        );
        assert_eq!(
            misfit(&about(Some(1_779_000_000), None), None, changed),
            None
        );
    }
}
