//! Names of objects: the form in which two spellings are one name, and which name a target is called by.

/// The form of a name under which a store keeps it: the same bytes, with blanks and control characters
/// at the ends left out and those within made one blank.
///
/// ```
/// use tom_alerts::target::names::normal;
/// assert_eq!(normal(" SN  2026abc\n"), "SN 2026abc");
/// ```
#[must_use]
pub fn normal(name: &str) -> String {
    let blank = |c: char| c.is_whitespace() || c.is_control();
    let mut out = String::with_capacity(name.len());
    for word in name.split(blank).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// What sort of name it is, the best name for a target first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// Of the Transient Name Server, for an object with a class: `SN 2026abc`, `TDE 2026abc`.
    Classified,
    /// Of the Transient Name Server: `AT 2026abc`.
    Reported,
    /// Of a survey: `ZTF20acobvxk`, `Gaia14adi`.
    Survey,
    /// Any other.
    Other,
}

/// What sort of name this is, by its shape.
pub(crate) fn rank(name: &str) -> Rank {
    let prefix = |word: &str| name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let iau = |word: &str| prefix(word) && is_designation(name.get(word.len()..).unwrap_or_default());
    if iau("SN") || iau("TDE") {
        return Rank::Classified;
    }
    if iau("AT") {
        return Rank::Reported;
    }
    let survey = ["ZTF", "LSST-", "ATLAS", "Gaia", "PS"].iter().any(|word| {
        let rest = if prefix(word) { name.get(word.len()..).unwrap_or_default() } else { "" };
        rest.len() >= 4 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    if survey { Rank::Survey } else { Rank::Other }
}

/// A year and the letters behind it, as the Transient Name Server gives them.
fn is_designation(text: &str) -> bool {
    let text = text.trim_start();
    let (year, letters) = text.split_at_checked(4).unwrap_or_default();
    year.bytes().all(|b| b.is_ascii_digit())
        && year.len() == 4
        && (1..=5).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_control_characters_are_one_blank() {
        for (name, form) in [("a", "a"), ("  a \t b\u{1}c ", "a b c"), ("\n", ""), ("é\u{a0}x", "é x")] {
            assert_eq!(normal(name), form, "{name:?}");
        }
    }

    #[test]
    fn names_are_ranked_by_shape() {
        for (name, ought) in [
            ("SN 2026abc", Rank::Classified),
            ("SN2023ixf", Rank::Classified),
            ("TDE 2026abc", Rank::Classified),
            ("AT2018cow", Rank::Reported),
            ("ZTF20acobvxk", Rank::Survey),
            ("Gaia14adi", Rank::Survey),
            ("LSST-AP-DO-313708289005715533", Rank::Survey),
            ("2023 AB", Rank::Other),
            ("SNhunt 27", Rank::Other),
            ("AT", Rank::Other),
            ("S", Rank::Other),
            ("ŠN 2026a", Rank::Other),
            ("ZTF J1901+1458", Rank::Other),
        ] {
            assert_eq!(rank(name), ought, "{name}");
        }
    }
}
