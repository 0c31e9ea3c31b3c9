//! What the servers of an agent called themselves. A change in the middle of a run is worth telling: its answers may be
//! of different models.

use std::collections::BTreeMap;

use crate::record::AgentRecord;

/// Model and fingerprint, and how many answers came under that name.
#[derive(Debug, Default)]
pub(super) struct Served(BTreeMap<(Option<String>, Option<String>), u32>);

impl Served {
    /// One more answer.
    pub(super) fn count(&mut self, model: Option<String>, fingerprint: Option<String>) {
        *self.0.entry((model, fingerprint)).or_default() += 1;
    }

    /// Writes the name of most answers into the agent's record; a notice where there are several.
    pub(super) fn note(&self, agent: &mut AgentRecord) -> Option<String> {
        let mut names: Vec<_> = self.0.iter().collect();
        names.sort_by(|(_, one), (_, other)| other.cmp(one));
        let ((model, fingerprint), _) = names.first()?;
        agent.served_model.clone_from(model);
        agent.system_fingerprint.clone_from(fingerprint);
        let told: Vec<String> = names
            .iter()
            .map(|((model, fingerprint), answers)| {
                let model = model.as_deref().unwrap_or("no model");
                let print = fingerprint.as_ref().map(|print| format!(" ({print})"));
                format!(
                    "`{model}`{} for {answers} answers",
                    print.unwrap_or_default()
                )
            })
            .collect();
        (told.len() > 1).then(|| {
            format!(
                "{}: what answers changed in the middle of the run: the server named {}; run it again to measure one \
                 model",
                agent.name,
                told.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{Agent, AgentName, ModelLocator, Parameters};

    fn agent() -> AgentRecord {
        let agent = Agent {
            name: AgentName::new("qa").unwrap(),
            provider: "p".to_owned(),
            locator: ModelLocator::Id("ft:a".to_owned()),
            system: None,
            parameters: Parameters::default(),
            base_model: None,
            training_data: Vec::new(),
            validation_data: Vec::new(),
            suite: "suites/qa.yaml".to_owned(),
        };
        AgentRecord::carried(&agent, None, None)
    }

    #[test]
    fn one_name_is_recorded_and_nothing_to_tell() {
        let (mut served, mut agent) = (Served::default(), agent());
        served.count(Some("ft:a".to_owned()), Some("fp_1".to_owned()));
        served.count(Some("ft:a".to_owned()), Some("fp_1".to_owned()));
        assert_eq!(served.note(&mut agent), None);
        assert_eq!(agent.served_model.as_deref(), Some("ft:a"));
        assert_eq!(agent.system_fingerprint.as_deref(), Some("fp_1"));
    }

    #[test]
    fn another_name_in_the_middle_is_told_with_both() {
        let (mut served, mut agent) = (Served::default(), agent());
        served.count(Some("ft:b".to_owned()), None);
        for _ in 0..2 {
            served.count(Some("ft:a".to_owned()), Some("fp_1".to_owned()));
        }
        let notice = served.note(&mut agent).unwrap();
        assert!(
            notice.contains("`ft:a` (fp_1) for 2 answers, `ft:b` for 1 answers"),
            "{notice}"
        );
        assert_eq!(agent.served_model.as_deref(), Some("ft:a"));
    }

    #[test]
    fn without_an_answer_nothing_is_known() {
        let mut agent = agent();
        assert_eq!(Served::default().note(&mut agent), None);
        assert_eq!(agent.served_model, None);
    }
}
