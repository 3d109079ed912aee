//! The target that follows from its sightings: one fixed function, whatever the order they came in.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Target;
use super::coordinates::{Coordinates, NonSidereal, PositionHint, Sidereal};
use super::names::{normal, rank};
use super::sighting::{MOVING, ORBIT, POSITION, Place, Sighting, USER, extra_field};

/// The source of what is imported from a file.
pub const IMPORT: &str = "import";
/// The source of what a store of version 0.1 held.
pub const EARLIER: &str = "earlier";

/// How much a source's word counts; the least counts most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    User,
    Import,
    Broker,
    Earlier,
}

fn class(sighting: &Sighting) -> Class {
    match sighting.source.as_str() {
        USER => Class::User,
        IMPORT => Class::Import,
        EARLIER => Class::Earlier,
        _ => Class::Broker,
    }
}

/// The prefix of a broker's extras in a read target: its name in lower case, what is no letter or digit
/// as `_`.
///
/// ```
/// assert_eq!(tom_alerts::target::slug("Lasair-LSST"), "lasair_lsst");
/// ```
#[must_use]
pub fn slug(source: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    source.chars().map(letter).collect()
}

/// The target that its sightings make.
///
/// - Sources rank: `user`, `import`, brokers, `earlier`.
/// - The position is one source's: by rank, then by what it is (mean of detections, single detection,
///   reported), the smaller stated error, the more detections, the name of the source. A target that moves
///   has its latest position.
/// - A target that any source knows as one of the solar system moves. Its orbit is that of the latest epoch.
/// - The name: the user's, else a designation of the Transient Name Server (one with a class first), a
///   survey's id, any other; of equals one that a source has as the name before an alias, then the first in
///   byte order. The rest are aliases, in byte order.
/// - A broker's extras have its [`slug`] before their key: `alerce_class`. Those of `user`, `import` and
///   `earlier` keep their keys.
#[must_use]
pub fn target_of(sightings: &[Sighting]) -> Target {
    let user = sightings.iter().find(|s| class(s) == Class::User);
    let cleared = |field: &str| user.is_some_and(|user| user.cleared.contains(field));
    let moving = sightings.iter().any(|s| s.moving) && !cleared(MOVING);
    let name = name_of(sightings);
    let own = normal(&name);
    let mut seen = BTreeSet::from([own]);
    let mut others: Vec<&str> = sightings.iter().flat_map(Sighting::names).collect();
    others.sort_unstable();
    let aliases = others.into_iter().filter(|alias| seen.insert(normal(alias))).map(str::to_owned).collect();
    let place = if cleared(POSITION) { None } else { place_of(sightings, moving) };
    let number = |key: &str| if cleared(key) { None } else { number_of(sightings, key) };
    let coordinates = match place {
        Some(at) if !moving => Coordinates::Sidereal(Sidereal {
            ra: at.ra,
            dec: at.dec,
            epoch: at.epoch,
            pm_ra: number("pm_ra"),
            pm_dec: number("pm_dec"),
            parallax: number("parallax"),
            distance: number("distance"),
            distance_err: number("distance_err"),
        }),
        place => Coordinates::NonSidereal(NonSidereal {
            elements: if cleared(ORBIT) { None } else { orbit_of(sightings) },
            position: place.map(|at| PositionHint {
                ra: at.ra,
                dec: at.dec,
                time: at.time,
                uncertainty: at.error,
            }),
            abs_mag: number("abs_mag"),
            slope: number("slope"),
        }),
    };
    Target { name, coordinates, aliases, extras: extras_of(sightings, cleared) }
}

fn name_of(sightings: &[Sighting]) -> String {
    let all = sightings.iter().flat_map(|s| s.names().map(move |name| (s, name)));
    let best = all.min_by_key(|(s, name)| {
        let given = **name == *s.name;
        let by_user = class(s) == Class::User && given;
        (!by_user, rank(name), !given, normal(name), *name)
    });
    // Where another target has all of its names it is called by the first of them all the same.
    let any = || sightings.iter().map(|s| s.name.as_str()).filter(|name| !name.is_empty()).min();
    best.map(|(_, name)| name).or_else(any).unwrap_or_default().to_owned()
}

fn place_of(sightings: &[Sighting], moving: bool) -> Option<&Place> {
    let all = sightings.iter().filter_map(|s| Some((s, s.position.as_ref()?)));
    let best = if moving {
        all.min_by_key(|(s, at)| {
            let user = class(s) != Class::User;
            (user, Reverse(at.time.or(s.stamp(POSITION).at())), class(s), &s.source, &s.object_id)
        })
    } else {
        all.min_by(|(a, x), (b, y)| {
            // Without a stated error it is the largest there can be.
            let error = |at: &Place| at.error.unwrap_or(f64::INFINITY);
            let detections = |at: &Place| Reverse(at.detections);
            (class(a), x.kind)
                .cmp(&(class(b), y.kind))
                .then_with(|| error(x).total_cmp(&error(y)))
                .then_with(|| detections(x).cmp(&detections(y)))
                .then_with(|| (&a.source, &a.object_id).cmp(&(&b.source, &b.object_id)))
        })
    };
    best.map(|(_, place)| place)
}

fn orbit_of(sightings: &[Sighting]) -> Option<super::Elements> {
    let all = sightings.iter().filter_map(|s| Some((s, s.orbit.as_ref()?)));
    let best = all.min_by(|(a, x), (b, y)| {
        class(a)
            .cmp(&class(b))
            .then_with(|| y.epoch_of_elements.total_cmp(&x.epoch_of_elements))
            .then_with(|| b.stamp(ORBIT).at().cmp(&a.stamp(ORBIT).at()))
            .then_with(|| (&a.source, &a.object_id).cmp(&(&b.source, &b.object_id)))
    });
    best.map(|(_, orbit)| orbit.clone())
}

fn number_of(sightings: &[Sighting], key: &str) -> Option<f64> {
    let all = sightings.iter().filter_map(|s| Some((s, *s.numbers.get(key)?)));
    let best = all.min_by_key(|(s, _)| (class(s), &s.source, Reverse(s.stamp(key).at()), &s.object_id));
    best.map(|(_, number)| number)
}

fn extras_of(sightings: &[Sighting], cleared: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    // The last one put in counts.
    let mut all: Vec<_> =
        sightings.iter().flat_map(|s| s.extras.iter().map(move |extra| (s, extra))).collect();
    all.sort_by_cached_key(|(s, (key, _))| {
        (Reverse(class(s)), s.stamp(&extra_field(key)).at(), &s.source, &s.object_id)
    });
    let mut extras = BTreeMap::new();
    for (s, (key, value)) in all {
        let key = match class(s) {
            Class::Broker => format!("{}_{key}", slug(&s.source)),
            Class::User | Class::Import | Class::Earlier => key.clone(),
        };
        extras.insert(key, value.clone());
    }
    extras.retain(|key, _| !cleared(&extra_field(key)));
    extras
}
