//! A comparison again after the new side was scored again, while the other side is there in points alone.

use std::collections::HashMap;

use super::{NotComparable, means};
use crate::record::{AgentRecord, CaseRecord, Comparison, Excluded, PairedCase};
use crate::suite::CaseId;

/// The pairs of a comparison that still hold like against like: those whose case is there, gates and `fits`. `why` the
/// others are left out.
pub fn narrowed(
    held: &Comparison,
    now: &AgentRecord,
    fits: impl Fn(&CaseRecord) -> bool,
    why: &str,
) -> Result<Comparison, NotComparable> {
    let gating = now.cases.iter().filter(|case| case.gates());
    let cases: HashMap<&CaseId, &CaseRecord> = gating.map(|case| (&case.id, case)).collect();
    let mut excluded = held.excluded.clone();
    let mut planned = held.planned();
    let mut pairs = Vec::new();
    for pair in &held.cases {
        let case = cases.get(&pair.id).copied();
        let (still_planned, kept) = match case {
            None => (false, Err("no longer in the suite")),
            Some(case) if !fits(case) => (false, Err(why)),
            Some(case) => (
                true,
                case.score
                    .map(|new| (new, case.weight))
                    .ok_or("no scored answer in this run"),
            ),
        };
        planned = planned.saturating_sub(u32::from(!still_planned));
        match kept {
            Ok((new, weight)) => pairs.push((
                PairedCase {
                    new,
                    ..pair.clone()
                },
                weight,
            )),
            Err(why) => excluded.push(Excluded {
                id: pair.id.clone(),
                why: why.to_owned(),
            }),
        }
    }
    let Some((old, new)) = means(&pairs) else {
        let first = excluded.first().map(|first| first.why.clone());
        return Err(NotComparable(first.unwrap_or_else(|| why.to_owned())));
    };
    Ok(Comparison {
        baseline_score: old,
        change: new - old,
        pairs: u32::try_from(pairs.len()).unwrap_or(u32::MAX),
        planned_pairs: Some(planned),
        excluded,
        cases: pairs.into_iter().map(|(pair, _)| pair).collect(),
        ..held.clone()
    })
}
