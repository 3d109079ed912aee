//! Names of alerts: Gaia's, and those of TNS.

use crate::plugin::*;

/// `Gaia`, two digits and letters.
pub(super) fn is_gaia(name: &str) -> bool {
    let Some((prefix, rest)) = name.split_at_checked(4) else { return false };
    let Some((year, letters)) = rest.split_at_checked(2) else { return false };
    prefix.eq_ignore_ascii_case("gaia")
        && year.bytes().all(|b| b.is_ascii_digit())
        && (2..=5).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
}

/// A name of TNS: a year and letters, with a prefix or without.
pub(super) fn is_tns(name: &str) -> bool {
    let name: String = name.split_whitespace().collect();
    let Some((year, letters)) = without_prefix(&name).split_at_checked(4) else { return false };
    year.bytes().all(|b| b.is_ascii_digit())
        && (1..=5).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
}

/// As the service writes it.
pub(super) fn canonical(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    format!("Gaia{}", lower.strip_prefix("gaia").unwrap_or(&lower))
}

/// A name of TNS without what says whether it was classified.
pub(super) fn without_prefix(name: &str) -> &str {
    let year = name.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let (prefix, rest) = name.split_at(year);
    if prefix.trim().bytes().all(|b| b.is_ascii_alphabetic()) { rest } else { name }
}

pub(super) fn unknown() -> Error {
    let text = "this is no name of an alert; Gaia's are like Gaia20cpu, those of TNS like AT2020lto";
    Error::new(ErrorKind::Input, text)
}
