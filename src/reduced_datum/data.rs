//! `ReducedData`: what a broker knows of an object over time.

use std::collections::{HashMap, HashSet};

use super::{Datum, ReducedDatum};
use crate::error::Error;
use crate::text::Text;

/// What a broker knows of an object over time, with what could not be read of it.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ReducedData {
    /// The points, oldest first.
    pub points: Vec<ReducedDatum>,
    /// Rows that the survey withdrew, oldest first; each says when in
    /// [`withdrawn`](ReducedDatum::withdrawn). A withdrawn row is no measurement: it is never in
    /// `points`.
    pub withdrawn: Vec<ReducedDatum>,
    /// One error for each row that could not be read; the others are in `points` or `withdrawn`.
    pub failures: Vec<Error>,
    /// What is worth knowing beside, for example that the service cut the answer.
    pub notes: Vec<String>,
}

impl ReducedData {
    /// Adds a point, or one that was withdrawn, or the reason why there is none.
    pub fn push(&mut self, point: Result<ReducedDatum, Error>) {
        match point {
            Ok(point) if point.withdrawn.is_some() => self.withdrawn.push(point),
            Ok(point) => self.points.push(point),
            Err(error) => self.failures.push(error),
        }
    }

    /// Takes in another answer about the same object.
    pub fn merge(&mut self, other: Self) {
        self.points.extend(other.points);
        self.withdrawn.extend(other.withdrawn);
        self.failures.extend(other.failures);
        self.notes.extend(other.notes);
    }

    /// Tells points apart that would have one key, such as two instruments of one telescope at one
    /// instant: by their place at `location`, in which the order of the points must not change. Of a
    /// limit and a detection the detection keeps the plain key.
    #[must_use]
    pub fn told_apart(mut self, location: &str) -> Self {
        let mut seen: HashMap<(Text, String), u32> = HashMap::new();
        let (limits, others): (Vec<_>, Vec<_>) = self.points.iter_mut().partition(|point| point.is_limit());
        for point in others.into_iter().chain(limits) {
            let count = seen.entry((point.target.clone(), point.key())).or_default();
            *count += 1;
            if *count == 1 {
                continue;
            }
            let id = Some(format!("{location}#{count}"));
            match &mut point.value {
                Datum::Photometry(p) => p.source_id = id,
                Datum::Spectroscopy(s) => s.source_id = id,
                Datum::Astrometry(a) => a.source_id = id,
                // Its key is its place.
                Datum::Other(_) => {
                    point.source_location = format!("{}#{count}", point.source_location).into();
                }
            }
        }
        self
    }

    /// Leaves out all but one of the points of one answer that have one key, and tells how many those
    /// were. A detection is kept rather than a limit, else the first.
    pub fn each_once(&mut self) -> usize {
        self.one_of_each(|first, other| first.is_limit() && !other.is_limit())
    }

    /// Leaves out all but the first of the points that have one key, and tells how many those were: for
    /// several answers, of which the newest came first.
    pub fn first_of_each(&mut self) -> usize {
        self.one_of_each(|_, _| false)
    }

    fn one_of_each(&mut self, better: fn(&ReducedDatum, &ReducedDatum) -> bool) -> usize {
        let before = self.points.len();
        let mut kept: HashMap<(Text, String), usize> = HashMap::new();
        for (index, point) in self.points.iter().enumerate() {
            let first = kept.entry((point.target.clone(), point.key())).or_insert(index);
            if self.points.get(*first).is_some_and(|first| better(first, point)) {
                *first = index;
            }
        }
        let kept: HashSet<usize> = kept.into_values().collect();
        let mut index = 0..;
        self.points.retain(|_| index.next().is_some_and(|index| kept.contains(&index)));
        before - self.points.len()
    }

    /// The same, oldest point first.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.points.sort_by_key(|point| point.timestamp);
        self.withdrawn.sort_by_key(|point| point.timestamp);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reduced_datum::Photometry;
    use chrono::DateTime;

    fn point(value: impl Into<Datum>) -> ReducedDatum {
        let time = DateTime::from_timestamp_micros(1_600_000_000_000_000).unwrap();
        ReducedDatum::new("ZTF1", "ALeRCE", "ZTF1", time, value)
    }

    #[test]
    fn points_of_one_key_are_told_apart_by_their_place() {
        let p = Photometry { filter: "g".into(), magnitude: Some(18.0), ..Photometry::default() };
        let other = Photometry { filter: "r".into(), ..p.clone() };
        let points = vec![point(p.clone()), point(other), point(p)];
        let data = ReducedData { points, ..ReducedData::default() }.told_apart("m");
        let ids: Vec<_> = data.points.iter().map(|p| p.photometry().unwrap().source_id.as_deref()).collect();
        assert_eq!(ids, [None, None, Some("m#2")]);

        let other = |n: i32| {
            let map = serde_json::Map::from_iter([("n".to_owned(), n.into())]);
            point(map)
        };
        let data = ReducedData { points: vec![other(1), other(2)], ..ReducedData::default() }.told_apart("m");
        assert_ne!(data.points[0].key(), data.points[1].key());
        let mut twice = ReducedData { points: vec![other(1), other(2)], ..ReducedData::default() };
        assert_eq!((twice.each_once(), &twice.points), (1, &vec![other(1)]));
    }

    #[test]
    fn a_detection_wins_over_a_limit_of_one_exposure() {
        let seen = Photometry { filter: "g".into(), magnitude: Some(18.0), ..Photometry::default() };
        let limit = Photometry { magnitude: None, limit: Some(20.0), ..seen.clone() };
        let fainter = Photometry { magnitude: Some(18.1), ..seen.clone() };
        let of = |all: [&Photometry; 3]| ReducedData {
            points: all.into_iter().cloned().map(point).collect(),
            ..ReducedData::default()
        };
        for order in [[&limit, &seen, &fainter], [&seen, &limit, &fainter], [&seen, &fainter, &limit]] {
            let mut data = of(order);
            assert_eq!((data.each_once(), data.points), (2, vec![point(seen.clone())]));
        }
        let mut data = of([&limit, &seen, &fainter]);
        assert_eq!((data.first_of_each(), &data.points), (2, &vec![point(limit.clone())]));
        let data = of([&limit, &seen, &limit]).told_apart("m");
        let ids: Vec<_> = data.points.iter().map(|p| p.photometry().unwrap().source_id.as_deref()).collect();
        assert_eq!(ids, [Some("m#2"), None, Some("m#3")]);
        assert_eq!(data.points[1], point(seen));
    }

    #[test]
    fn what_was_withdrawn_is_no_point() {
        let mut row = point(Photometry::default());
        row.withdrawn = Some(row.timestamp);
        let (mut data, mut more) = (ReducedData::default(), ReducedData::default());
        data.push(Ok(row.clone()));
        more.push(Ok(row.clone()));
        data.merge(more);
        assert_eq!((data.points.len(), &data.withdrawn), (0, &vec![row.clone(), row.clone()]));
        let json = serde_json::to_value(&row).unwrap();
        assert_eq!(json["withdrawn"], "2020-09-13T12:26:40Z");
        assert_eq!(serde_json::from_value::<ReducedDatum>(json).unwrap(), row);
    }
}
