//! `Survey`: ZTF or LSST, and which of them an object is of by the shape of its id.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The surveys that brokers serve side by side; in forms the words are `ztf` and `lsst`.
///
/// ```
/// use tom_alerts::Survey;
/// assert_eq!(Survey::of_id("ZTF20aaelulu"), Some(Survey::Ztf));
/// assert_eq!(Survey::of_id("169342810955317611"), Some(Survey::Lsst));
/// assert_eq!(Survey::of_id("2004 JQ12"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(description = "Which survey is meant.")]
pub enum Survey {
    /// ZTF.
    Ztf,
    /// LSST, the Rubin Observatory's.
    Lsst,
}

impl Survey {
    /// The survey whose objects have such ids: ZTF's are `ZTF`, two digits and seven small letters;
    /// LSST's have 15 to 19 digits that a whole number of 64 bits can hold.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
        match id.as_bytes() {
            [b'Z', b'T', b'F', year @ .., _, _, _, _, _, _, _] => {
                let letters = id.bytes().rev().take(7).all(|b| b.is_ascii_lowercase());
                (year.len() == 2 && digits(year) && letters).then_some(Self::Ztf)
            }
            text if text.len() >= 15 && digits(text) => id.parse::<i64>().is_ok().then_some(Self::Lsst),
            _ => None,
        }
    }

    /// Whether an object of this survey can have this id.
    #[must_use]
    pub fn has_id(self, id: &str) -> bool {
        Self::of_id(id) == Some(self)
    }

    /// Why a text is no id of this survey, with what to do if it is one of the other; `None` where it
    /// is one.
    #[must_use]
    pub fn id_fault(self, id: &str, if_other: &str) -> Option<String> {
        match Self::of_id(id) {
            Some(own) if own == self => None,
            Some(other) => Some(format!("this is an id of {other}; {if_other}")),
            None => Some(match Self::respell(id) {
                Some(right) => format!("this is no id of {self}; did you mean {right}?"),
                None => format!("this is no id of {self}; {}", self.id_shape()),
            }),
        }
    }

    /// The id that a text was probably meant to be, where it is none: `ZTF20aaelulu` for `ztf20AAelulu`,
    /// the digits for `LSST169342810955317611` or `LSST-AP-DO-169342810955317611`.
    ///
    /// ```
    /// use tom_alerts::Survey;
    /// assert_eq!(Survey::respell("ztf20AAelulu").as_deref(), Some("ZTF20aaelulu"));
    /// assert_eq!(Survey::respell("ZTF20aaelulu"), None);
    /// ```
    #[must_use]
    pub fn respell(text: &str) -> Option<String> {
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).collect();
        let plain = plain.to_ascii_lowercase();
        let id = match plain.strip_prefix("ztf") {
            Some(rest) => format!("ZTF{rest}"),
            None => {
                let digits = plain.strip_prefix("lsst").unwrap_or(&plain);
                digits.strip_prefix("apdo").unwrap_or(digits).to_owned()
            }
        };
        (id != text && Self::of_id(&id).is_some()).then_some(id)
    }

    /// [`respell`](Self::respell) as the end of a message: `; did you mean ZTF20aaelulu?`, or nothing.
    #[must_use]
    pub fn hint(text: &str) -> String {
        Self::respell(text).map_or_else(String::new, |right| format!("; did you mean {right}?"))
    }

    /// What its ids look like, in words.
    #[must_use]
    pub fn id_shape(self) -> &'static str {
        match self {
            Self::Ztf => "they are like ZTF20aaelulu",
            Self::Lsst => "they have 15 to 19 digits",
        }
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ztf => "ZTF",
            Self::Lsst => "LSST",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_survey_knows_its_ids_and_no_others() {
        for id in ["ZTF20aaelulu", "ZTF00aaaaaaa"] {
            assert_eq!(Survey::of_id(id), Some(Survey::Ztf), "{id}");
        }
        for id in ["169342810955317611", "9223372036854775807", "100000000000000"] {
            assert_eq!(Survey::of_id(id), Some(Survey::Lsst), "{id}");
        }
        for id in [
            "",
            "ZTF",
            "ZTF20aaelul",
            "ZTF20aaelulux",
            "ZTF2Oaaelulu",
            "ztf20aaelulu",
            "ZTF20aaeLulu",
            "ZTF20aaelul*",
            "ZTF20aaelul\u{e9}",
            "ZTF202aaelul",
            "ZTF aaaaaaa",
            "12345678901234",
            "9223372036854775808",
            "16934281095531761x",
            "-16934281095531761",
            "+16934281095531761",
            " 169342810955317611",
        ] {
            assert_eq!(Survey::of_id(id), None, "{id}");
        }
    }

    #[test]
    fn an_id_that_is_spelt_wrongly_is_known() {
        let right = |text| Survey::respell(text);
        for text in ["ztf20aaelulu", "Ztf20AAELULU", "ZTF 20 aaelulu", "ZTF-20aaelulu", " ZTF20aaelulu"] {
            assert_eq!(right(text).as_deref(), Some("ZTF20aaelulu"), "{text}");
        }
        for text in [
            "LSST169342810955317611",
            "lsst-169342810955317611",
            "LSST-AP-DO-169342810955317611",
            "LSST 169342810955317611",
        ] {
            assert_eq!(right(text).as_deref(), Some("169342810955317611"), "{text}");
        }
        for text in
            ["", "ZTF20aaelulu", "169342810955317611", "ZTF", "ztf20", "LSST", "LSST12", "M31", "AT2026abc"]
        {
            assert_eq!(right(text), None, "{text}");
        }
        let told = Survey::Ztf.id_fault("ztf20aaelulu", "").unwrap();
        assert_eq!(told, "this is no id of ZTF; did you mean ZTF20aaelulu?");
    }

    #[test]
    fn a_fault_says_whose_id_it_is() {
        let told = |survey: Survey, id| survey.id_fault(id, "ask elsewhere").unwrap_or_default();
        assert_eq!(told(Survey::Ztf, "ZTF20aaelulu"), "");
        assert_eq!(told(Survey::Ztf, "169342810955317611"), "this is an id of LSST; ask elsewhere");
        assert_eq!(told(Survey::Lsst, "12"), "this is no id of LSST; they have 15 to 19 digits");
    }
}
