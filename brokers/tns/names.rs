//! IAU names as people type them and as the service takes them.

use crate::plugin::*;

/// The prefixes that a name may carry; the service wants it without.
const PREFIXES: [&str; 4] = ["AT", "SN", "TDE", "FRB"];

/// The name as the service takes it: `AT 2026ABC` is `2026abc`, `SN2011a` is `2011A`.
///
/// `None` for a text that is no IAU name of a transient.
///
/// ```
/// use tom_alerts::brokers::tns::objname;
/// assert_eq!(objname("SN 2026abc").as_deref(), Some("2026abc"));
/// assert_eq!(objname("ZTF18aabtxvd"), None);
/// ```
#[must_use]
pub fn objname(text: &str) -> Option<String> {
    let text = text.trim();
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (prefix, rest) = text.split_at(letters);
    if !prefix.is_empty() && !PREFIXES.iter().any(|known| known.eq_ignore_ascii_case(prefix)) {
        return None;
    }
    let rest = rest.trim_start_matches([' ', '_', '-']);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (date, letters) = rest.split_at(digits);
    let sound = (1..=7).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphabetic());
    let name = match digits {
        // A radio burst is named by its day.
        8 => letters.to_ascii_uppercase(),
        4 if letters.len() == 1 => letters.to_ascii_uppercase(),
        4 => letters.to_ascii_lowercase(),
        _ => return None,
    };
    sound.then(|| format!("{date}{name}"))
}

/// What a search is asked for: the name, or the part of one, without the prefix that it may carry.
pub(super) fn asked(text: &str) -> String {
    let text = text.trim();
    let bare = PREFIXES.iter().find_map(|known| {
        let (prefix, rest) = text.split_at_checked(known.len())?;
        let rest = rest.trim_start_matches([' ', '_', '-']);
        (prefix.eq_ignore_ascii_case(known) && rest.starts_with(|c: char| c.is_ascii_digit())).then_some(rest)
    });
    objname(text).unwrap_or_else(|| bare.unwrap_or(text).to_owned())
}

/// The names of a comma-separated list, which may begin with a comma and hold blanks.
pub(super) fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// A survey's name as reports give it: an object of Rubin is `LSST-AP-DO-` and its number, as bare digits
/// say nothing of whose they are.
pub(super) fn internal_name(name: &str) -> String {
    match Survey::of_id(name.trim()) {
        Some(Survey::Lsst) => format!("LSST-AP-DO-{}", name.trim()),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_however_it_is_typed() {
        for (typed, name) in [
            ("2026abc", "2026abc"),
            ("AT2026abc", "2026abc"),
            ("at2026ABC", "2026abc"),
            (" SN 2026xyz ", "2026xyz"),
            ("TDE2022abc", "2022abc"),
            ("SN2011a", "2011A"),
            ("1987A", "1987A"),
            ("2021aa", "2021aa"),
            ("FRB 20121102a", "20121102A"),
            ("SN_2026abcd", "2026abcd"),
        ] {
            assert_eq!(objname(typed).as_deref(), Some(name), "{typed}");
        }
        for typed in [
            "",
            "SN",
            "2026",
            "ZTF26abc",
            "ATLAS26abc",
            "XX2026abc",
            "2026abc1",
            "202abc",
            "é2026abc",
            "AT 2026 abc",
        ] {
            assert_eq!(objname(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_part_of_a_name_is_asked_without_prefix_too() {
        for (typed, name) in [
            ("AT2026", "2026"),
            (" SN 2026 ", "2026"),
            ("SN2026QQ", "2026qq"),
            ("2026", "2026"),
            ("qq", "qq"),
            ("at", "at"),
            ("atl", "atl"),
            ("é", "é"),
        ] {
            assert_eq!(asked(typed), name, "{typed}");
        }
    }

    #[test]
    fn a_list_of_names_may_begin_with_a_comma() {
        assert!(listed(", ZTF21aaaaaaa,, PS21aa ").eq(["ZTF21aaaaaaa", "PS21aa"]));
    }
}
