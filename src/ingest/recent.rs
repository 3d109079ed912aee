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
/// gives an object once for each of them, in any order, and the last one saved would win. Of alerts of
/// one time, such as an object's classes by two versions of a classifier, that with the highest score.
#[derive(Default)]
pub(super) struct Newest {
    order: VecDeque<String>,
    known: HashMap<String, (Rank, Target)>,
}

/// Time and score of an alert.
type Rank = (DateTime<Utc>, Option<f64>);

impl Newest {
    /// Brings a target up to the newest alert of it so far; true where this one is newer than another.
    pub(super) fn settle(
        &mut self,
        target: &mut Target,
        time: Option<DateTime<Utc>>,
        score: Option<f64>,
    ) -> bool {
        const MOST: usize = 10_000;
        let Some(time) = time else { return false };
        match self.known.get_mut(&target.name) {
            Some((newest, kept)) if (time, score) < *newest => {
                rules::merge(target, kept);
                false
            }
            Some(known) => {
                *known = ((time, score), target.clone());
                true
            }
            None => {
                self.order.push_back(target.name.clone());
                self.known.insert(target.name.clone(), ((time, score), target.clone()));
                if self.order.len() > MOST
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.known.remove(&oldest);
                }
                false
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
            newest.settle(&mut target, time, None);
            target
        };
        assert_eq!(settled(of(18.0), at(20)), of(18.0));
        let older = settled(of(19.0).with_extra("drb", 0.5).with_alias("A"), at(10));
        assert_eq!(older, of(18.0).with_extra("drb", 0.5).with_alias("A"));
        assert_eq!(settled(of(17.0), at(30)), of(17.0));
        assert_eq!(settled(of(16.0), None), of(16.0), "what has no time is taken as it comes");
    }

    #[test]
    fn of_one_time_the_highest_score_wins_in_any_order() {
        let of = |score: f64| Target::sidereal("T", 1.0, 2.0).unwrap().with_extra("score", score);
        let at = DateTime::from_timestamp(9, 0);
        for (first, second) in [(0.7, 0.9), (0.9, 0.7)] {
            let mut newest = Newest::default();
            let (mut a, mut b) = (of(first), of(second));
            assert!(!newest.settle(&mut a, at, Some(first)));
            assert_eq!(newest.settle(&mut b, at, Some(second)), second > first);
            assert_eq!(b, of(0.9));
        }
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
