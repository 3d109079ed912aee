//! The shapes of ids: of loci, of ZTF, of LSST.

/// Whether this can be an id of a locus: `ANT`, a year, then letters and digits.
pub(super) fn is_locus(name: &str) -> bool {
    let Some((year, rest)) = name.strip_prefix("ANT").and_then(|rest| rest.split_at_checked(4)) else {
        return false;
    };
    let fits = (1..=24).contains(&rest.len());
    let plain = rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    year.bytes().all(|b| b.is_ascii_digit()) && fits && plain
}

/// Whether this can be an object of ZTF.
pub(super) fn is_ztf(name: &str) -> bool {
    let [b'Z', b'T', b'F', a, b, letters @ ..] = name.as_bytes() else { return false };
    let year = a.is_ascii_digit() && b.is_ascii_digit();
    year && letters.len() == 7 && letters.iter().all(u8::is_ascii_lowercase)
}

/// Whether this can be an object of LSST.
pub(super) fn is_lsst(name: &str) -> bool {
    (15..=19).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit())
}
