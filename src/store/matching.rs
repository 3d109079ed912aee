//! Which target an entry belongs to: `decide`, the one place where that is said.

use std::collections::HashSet;

use super::entry::{Conflict, Entry, TargetId};
use crate::target::names::normal;

/// How a store decides which target an entry belongs to. There is one way so far, the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Policy {}

/// A target that an entry may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The target.
    pub id: TargetId,
    /// Whether it has the source's own id of the object, and not only one of the names.
    pub own_id: bool,
}

impl Candidate {
    /// A target by the source's own id, or by a name.
    #[must_use]
    pub fn new(id: TargetId, own_id: bool) -> Self {
        Self { id, own_id }
    }
}

/// Which target an entry belongs to, with the doubt there is about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// The target; `None` for a new one.
    pub target: Option<TargetId>,
    /// The other targets that it might belong to.
    pub conflict: Option<Conflict>,
}

/// Says which target an entry belongs to. Nothing is ever dropped: without a candidate a new target is
/// made; of several it is that with the source's own id, else that with the lowest number, with a conflict.
#[must_use]
pub fn decide(entry: &Entry, candidates: &[Candidate], _policy: &Policy) -> Decision {
    let best = candidates.iter().min_by_key(|candidate| (!candidate.own_id, candidate.id));
    let Some(best) = best else { return Decision { target: None, conflict: None } };
    let mut others: Vec<TargetId> =
        candidates.iter().map(|candidate| candidate.id).filter(|id| *id != best.id).collect();
    others.sort_unstable();
    others.dedup();
    let conflict = (!others.is_empty()).then(|| {
        let reason = format!("its names belong to {} targets", others.len() + 1);
        Conflict::new(others, format!("{}: {reason}", entry.target.name))
    });
    Decision { target: Some(best.id), conflict }
}

/// The key under which a store finds a target by a name of it.
pub(super) fn name_key(name: &str) -> String {
    normal(name)
}

/// The key under which a store finds a target by a source's own id of it. No name has a control character
/// in its normal form, so the two never meet.
pub(super) fn id_key(source: &str, id: &str) -> String {
    format!("\u{1}{source}\u{1}{}", normal(id))
}

/// The keys of an entry: its own id first, if it has one, then its names.
pub(super) fn keys(entry: &Entry) -> Vec<(bool, String)> {
    let id = entry.provenance.object_id.as_deref().filter(|id| !normal(id).is_empty());
    let id = id.map(|id| (true, id_key(&entry.source, id)));
    let names = std::iter::once(&entry.target.name).chain(&entry.target.aliases);
    let names = names.map(|name| (false, name_key(name))).filter(|(_, key)| !key.is_empty());
    // Two spellings of a name have one key.
    let mut seen = HashSet::new();
    id.into_iter().chain(names).filter(|(_, key)| seen.insert(key.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;

    fn decided(candidates: &[(i64, bool)]) -> (Option<i64>, Vec<i64>) {
        let entry = Entry::new(Target::sidereal("a", 1.0, 2.0).unwrap(), "ALeRCE");
        let candidates: Vec<_> =
            candidates.iter().map(|&(id, own)| Candidate::new(TargetId(id), own)).collect();
        let decision = decide(&entry, &candidates, &Policy::default());
        let others = decision.conflict.map(|c| c.with.iter().map(|id| id.0).collect()).unwrap_or_default();
        (decision.target.map(|id| id.0), others)
    }

    #[test]
    fn the_own_id_counts_before_a_name_and_the_lower_number_before_the_higher() {
        assert_eq!(decided(&[]), (None, vec![]));
        assert_eq!(decided(&[(7, false), (7, true)]), (Some(7), vec![]));
        assert_eq!(decided(&[(2, false), (7, true), (3, false)]), (Some(7), vec![2, 3]));
        assert_eq!(decided(&[(9, false), (4, false)]), (Some(4), vec![9]));
    }
}
