//! What a run remembers of the alerts before: which objects came, and what their newest alert said.

use std::collections::{HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};

use crate::store::rules;
use crate::target::Target;

/// The last thousand ids: a broker that lists an object twice (once a classifier, say) is asked
/// for its data once.
#[derive(Default)]
pub(super) struct Recent {
    order: VecDeque<String>,
    known: HashSet<String>,
}

impl Recent {
    pub(super) fn insert(&mut self, id: &str) -> bool {
        if !self.known.insert(id.to_owned()) {
            return false;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > 1_000
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

/// What the newest alert said of each of the last ten thousand targets: a broker that lists alerts
/// gives an object once for each of them, in any order, and the last one saved would win.
#[derive(Default)]
pub(super) struct Newest {
    order: VecDeque<String>,
    known: HashMap<String, (DateTime<Utc>, Target)>,
}

impl Newest {
    /// Brings a target up to the newest alert of it so far.
    pub(super) fn settle(&mut self, target: &mut Target, time: Option<DateTime<Utc>>) {
        const MOST: usize = 10_000;
        let Some(time) = time else { return };
        match self.known.get_mut(&target.name) {
            Some((newest, kept)) if time < *newest => {
                rules::merge(target, kept);
            }
            Some(known) => *known = (time, target.clone()),
            None => {
                self.order.push_back(target.name.clone());
                self.known.insert(target.name.clone(), (time, target.clone()));
                if self.order.len() > MOST
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.known.remove(&oldest);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_alert_of_a_target_wins_in_any_order() {
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0);
        let of = |magpsf: f64| Target::sidereal("T", 1.0, magpsf).unwrap().with_extra("magpsf", magpsf);
        let mut newest = Newest::default();
        let mut settled = |target: Target, time| {
            let mut target = target;
            newest.settle(&mut target, time);
            target
        };
        assert_eq!(settled(of(18.0), at(20)), of(18.0));
        let older = settled(of(19.0).with_extra("drb", 0.5).with_alias("A"), at(10));
        assert_eq!(older, of(18.0).with_extra("drb", 0.5).with_alias("A"));
        assert_eq!(settled(of(17.0), at(30)), of(17.0));
        assert_eq!(settled(of(16.0), None), of(16.0), "what has no time is taken as it comes");
    }

    #[test]
    fn an_id_is_forgotten_after_a_thousand_others() {
        let mut recent = Recent::default();
        assert!(recent.insert("a"));
        assert!(!recent.insert("a"));
        for n in 0..1_000 {
            assert!(recent.insert(&n.to_string()));
        }
        assert!(recent.insert("a"));
    }
}
