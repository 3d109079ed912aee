//! What an edit of a user does to a target, neutral of the engine.

use super::entry::TargetId;
use super::matching::name_key;
use crate::error::{Error, ErrorKind, Result};
use crate::target::names::normal;
use crate::target::{Coordinates, Edit, Sighting, Target, USER, Word, target_of};

/// A target after an edit.
pub(super) struct Edited {
    pub(super) target: Target,
    pub(super) sightings: Vec<Sighting>,
    /// Keys of names that the target gets.
    pub(super) claims: Vec<String>,
}

/// The keys of the names that an edit gives.
#[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "stores of a database read what they need"))]
pub(super) fn keys(edit: &Edit) -> Vec<String> {
    names(edit).map(name_key).collect()
}

fn names(edit: &Edit) -> impl Iterator<Item = &str> {
    let name = match &edit.name {
        Some(Word::Set(name)) => Some(name),
        _ => None,
    };
    name.into_iter().chain(&edit.aliases).map(String::as_str)
}

/// What an edit makes of a target; `owner` says which target has a name.
pub(super) fn edited(
    target: &Target,
    sightings: &[Sighting],
    edit: &Edit,
    id: TargetId,
    owner: impl Fn(&str) -> Option<i64>,
) -> Result<Edited> {
    let fault = |text: String| Err(Error::new(ErrorKind::Input, text).with("target", &target.name));
    let mut claims = Vec::new();
    for name in names(edit) {
        if normal(name).is_empty() || name.contains('\0') {
            return fault("a name needs something other than blanks and control characters".to_owned());
        }
        match owner(name) {
            Some(other) if other != id.0 => {
                return fault(format!(
                    "another target has the name {name:?}; delete or rename that one first"
                ));
            }
            Some(_) => {}
            None if claims.contains(&name_key(name)) => {}
            None => claims.push(name_key(name)),
        }
    }
    if matches!(edit.name, Some(Word::Clear)) {
        return fault("a target needs a name; unset it to have the sources' name".to_owned());
    }
    const NUMBERS: [&str; 7] =
        ["pm_ra", "pm_dec", "parallax", "distance", "distance_err", "abs_mag", "slope"];
    if let Some(key) = edit.numbers.keys().find(|key| !NUMBERS.contains(&key.as_str())) {
        return fault(format!("{key:?} is no number of a target; known: {}", NUMBERS.join(", ")));
    }
    let is_number = |word: &Word<f64>| !matches!(word, Word::Set(number) if !number.is_finite());
    if let Some((key, _)) = edit.numbers.iter().find(|(_, word)| !is_number(word)) {
        return fault(format!("{key} must be a finite number"));
    }
    let mut sightings = sightings.to_vec();
    let mut user = match sightings.iter().position(|s| s.source == USER) {
        Some(n) => sightings.remove(n),
        None => Sighting::of_user(),
    };
    user.apply(edit);
    if user != Sighting::of_user() {
        sightings.push(user);
    }
    let edited = target_of(&sightings).checked()?;
    // Without a position it reads as one that moves.
    let placed = matches!(edited.coordinates, Coordinates::Sidereal(_));
    let moves =
        sightings.iter().any(|s| s.moving) && !matches!(edit.moving, Some(Word::Set(false) | Word::Clear));
    if !placed && !moves {
        return fault("a target that does not move needs a position".to_owned());
    }
    Ok(Edited { target: edited, sightings, claims })
}
