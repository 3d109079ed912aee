//! The shapes of ids: numbers of targets, names of events.

/// The number of a target. Longer digits are names, those of LSST's objects.
pub(super) fn is_number(id: &str) -> bool {
    (1..15).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a name looks like one of a gravitational wave, `S230518h` or a mock `MS230518h`.
pub(super) fn looks_like_event(name: &str) -> bool {
    let rest = name.strip_prefix(['M', 'T']).unwrap_or(name);
    rest.strip_prefix('S')
        .is_some_and(|rest| rest.len() >= 6 && rest.bytes().take(6).all(|b| b.is_ascii_digit()))
}
