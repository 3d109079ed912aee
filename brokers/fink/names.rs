//! The names by which objects are asked for: a survey's id, TNS's name, a designation of the MPC.

use std::fmt::Write;

use crate::plugin::*;

/// How a name is to be asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Named<'a> {
    /// An object of a survey.
    Object(Survey, &'a str),
    /// An object of the solar system.
    Sso(&'a str),
    /// An object by its name at TNS.
    Tns(&'a str),
}

/// An id as the listings give it: the object and one alert of it, parted by a colon. The services are
/// asked by objects alone, so an alert's own number would lead nowhere.
pub(super) fn id_of(object: &str, alert: &str) -> String {
    format!("{object}:{alert}")
}

/// The object of an id, and the alert where it names one.
pub(super) fn parts_of(id: &str) -> (&str, Option<&str>) {
    let id = id.trim();
    let is_alert =
        |alert: &str| (15..=20).contains(&alert.len()) && alert.bytes().all(|b| b.is_ascii_digit());
    match id.rsplit_once(':') {
        Some((object, alert)) if !object.trim().is_empty() && is_alert(alert) => (object.trim(), Some(alert)),
        _ => (id, None),
    }
}

/// What an object of the solar system is called of which an alert gives Rubin's `ssObjectId` alone.
/// The digits by themselves are like those of a `diaObjectId`, of which there may be another object.
pub(super) fn of_number(ss_object_id: &str) -> String {
    format!("{NUMBER} {ss_object_id}")
}

const NUMBER: &str = "ssObjectId";

/// Why the object of such an alert cannot be asked for.
pub(super) fn nameless() -> Error {
    let text = "the alert does not say by which name or designation its solar-system object is known, \
                and Fink is asked by that alone; find it by the ssObjectId, then ask by it";
    Error::new(ErrorKind::Input, text)
}

impl<'a> Named<'a> {
    /// How the object of an id or name is asked for.
    pub(super) fn read(name: &'a str) -> Result<Self> {
        let (name, _) = parts_of(name);
        if name.strip_prefix(NUMBER).is_some_and(|rest| rest.starts_with(' ')) {
            Err(nameless().with("name", name))
        } else if let Some(survey) = Survey::of_id(name) {
            Ok(Self::Object(survey, name))
        } else if is_tns(name) {
            Ok(Self::Tns(name))
        } else if is_word(name) {
            Ok(Self::Sso(name))
        } else {
            let text =
                "this is no name that Fink knows; ZTF's are like ZTF20aaelulu, LSST's have 15 to 19 digits";
            Err(Error::new(ErrorKind::Input, text))
        }
    }
}

/// Whether a name is one of TNS, such as `SN 2023vwy` or `AT2023vwy`.
fn is_tns(name: &str) -> bool {
    let rest = ["SN", "AT", "TDE", "FRB"].iter().find_map(|prefix| name.strip_prefix(prefix));
    let year = rest.map(str::trim_start).and_then(|rest| rest.split_at_checked(4));
    year.is_some_and(|(year, letters)| {
        let digits = year.bytes().all(|b| b.is_ascii_digit());
        digits && !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// Whether a name is a number or designation of the MPC: `8467`, `2004 JQ12`, `10P`, `C/2020 V2`.
pub(super) fn is_designation(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits(name) {
        return name.len() <= 7;
    }
    if name.strip_suffix(['P', 'D', 'I']).is_some_and(|number| digits(number) && number.len() <= 4) {
        return true;
    }
    let (comet, rest) = match name.split_once('/') {
        Some((kind, rest)) => (matches!(kind, "C" | "P" | "D" | "X" | "A" | "I"), rest),
        None => (false, name),
    };
    if !comet && name.contains('/') {
        return false;
    }
    let Some((year, letters)) = rest.split_at_checked(4) else { return false };
    let letters = letters.trim_start();
    let head = letters.bytes().take_while(u8::is_ascii_uppercase).count();
    let tail = &letters[head..];
    // A minor planet has two letters, a comet may have one.
    let heads = if comet { 1..=2 } else { 2..=2 };
    digits(year) && heads.contains(&head) && (tail.is_empty() || digits(tail))
}

/// A provisional designation as the MPC writes it, with a blank behind the year; other names as they are.
pub(super) fn written_out(name: &str) -> String {
    match name.trim().split_at_checked(4) {
        Some((year, rest))
            if is_designation(name.trim()) && rest.starts_with(|c: char| c.is_ascii_uppercase()) =>
        {
            format!("{year} {rest}")
        }
        _ => name.trim().to_owned(),
    }
}

/// Whether a text can be the name of a solar-system object.
pub(super) fn is_word(name: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || " /-'".contains(c);
    !name.trim().is_empty() && name.len() <= 60 && name.chars().all(letter)
}

/// `SN2023vwy` as TNS writes it.
pub(super) fn spaced(name: &str) -> String {
    let at = name.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let (prefix, rest) = name.split_at(at);
    format!("{} {rest}", prefix.trim_end())
}

/// The MPC's packed form in LSST's id of a solar-system object: its seven letters are the bytes of
/// the number, as `K04J12Q` is 21163624394469969.
pub(super) fn packed(ss_object_id: &str) -> Option<String> {
    let bytes = ss_object_id.parse::<u64>().ok()?.to_be_bytes();
    let text = std::str::from_utf8(bytes.strip_prefix(&[0])?).ok()?;
    unpacked(text).is_some().then(|| text.to_owned())
}

/// A provisional designation out of the MPC's packed form: `K04J12Q` is `2004 JQ12`.
pub(super) fn unpacked(packed: &str) -> Option<String> {
    let [century, year @ .., month, tens, ones, second] = packed.as_bytes() else { return None };
    let century = 18 + u32::from(century.checked_sub(b'I').filter(|after| *after <= 3)?);
    let [decade, unit] = year else { return None };
    // Beyond 9 the tens go on with letters, big ones first.
    let tens = match tens {
        b'0'..=b'9' => tens - b'0',
        b'A'..=b'Z' => tens - b'A' + 10,
        b'a'..=b'z' => tens - b'a' + 36,
        _ => return None,
    };
    let digits = [decade, unit, ones].into_iter().all(u8::is_ascii_digit);
    let letters = month.is_ascii_uppercase() && second.is_ascii_uppercase();
    if !digits || !letters {
        return None;
    }
    let [decade, unit, month, second] = [*decade, *unit, *month, *second].map(char::from);
    let mut name = format!("{century}{decade}{unit} {month}{second}");
    let cycle = u32::from(tens) * 10 + u32::from(ones - b'0');
    if cycle > 0 {
        write!(name, "{cycle}").ok()?;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_asked_for_where_it_is_known() {
        for (name, due) in [
            ("ZTF24aaaaaab", Some("object")),
            ("169342810955317611", Some("object")),
            ("8467", Some("sso")),
            ("2004 JQ12", Some("sso")),
            ("C/2020V2", Some("sso")),
            ("Benoitcarry", Some("sso")),
            ("SN 2023vwy", Some("tns")),
            ("AT2023vwy", Some("tns")),
            ("../x", None),
            ("", None),
        ] {
            let read = Named::read(name).ok().map(|named| match named {
                Named::Object(..) => "object",
                Named::Sso(_) => "sso",
                Named::Tns(_) => "tns",
            });
            assert_eq!(read, due, "{name}");
        }
        for (id, parts) in [
            ("ZTF24aaaaaab:3412345671015015001", ("ZTF24aaaaaab", Some("3412345671015015001"))),
            (" C/2020 V2:169342810955338001 ", ("C/2020 V2", Some("169342810955338001"))),
            ("ZTF24aaaaaab", ("ZTF24aaaaaab", None)),
            ("ZTF24aaaaaab:12", ("ZTF24aaaaaab:12", None)),
            (":3412345671015015001", (":3412345671015015001", None)),
        ] {
            assert_eq!(parts_of(id), parts);
        }
        assert_eq!(parts_of(&id_of("8467", "3412345671015015001")), ("8467", Some("3412345671015015001")));
        for (name, due) in [
            ("2004JQ12", "2004 JQ12"),
            ("2004 JQ12", "2004 JQ12"),
            ("8467", "8467"),
            ("C/2020V2", "C/2020V2"),
        ] {
            assert_eq!(written_out(name), due);
        }
        assert_eq!(spaced("AT2023vwy"), "AT 2023vwy");
        assert_eq!(spaced("SN 2023vwy"), "SN 2023vwy");
    }

    #[test]
    fn designations_are_told_from_other_names() {
        for name in [
            "8467",
            "2004 JQ12",
            "2017VM11",
            "10P",
            "C/2020 V2",
            "C/2020V2",
            "P/2010 WK",
            "C/2020 P",
            "2017 XP",
            "2004",
            "1I",
        ] {
            assert!(is_designation(name), "{name}");
        }
        for name in ["Benoitcarry", "SN 2023vwy", "M31", "12345678", "NGC 1", "2004 ", "X/", "é", "T/2020 V2"]
        {
            assert!(!is_designation(name), "{name}");
        }
    }

    #[test]
    fn packed_designations_are_unpacked() {
        for (packed, name) in [
            ("K04J12Q", "2004 JQ12"),
            ("J95X00A", "1995 XA"),
            ("J98SA8Q", "1998 SQ108"),
            ("K07Tf8A", "2007 TA418"),
        ] {
            assert_eq!(unpacked(packed).as_deref(), Some(name));
        }
        for other in ["", "08467", "K04J12q", "H04J12Q", "K04J1éQ", "K04J-2Q", "2004 JQ", "K04J012Q"] {
            assert_eq!(unpacked(other), None, "{other}");
        }
        assert_eq!(packed("21163624394469969").as_deref(), Some("K04J12Q"));
        for other in ["0", "", "-1", "21163624394469001", "169342810955317611", "18446744073709551615"] {
            assert_eq!(packed(other), None, "{other}");
        }
    }
}
