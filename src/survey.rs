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
            None => Some(format!("this is no id of {self}; {}", self.id_shape())),
        }
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
    fn a_fault_says_whose_id_it_is() {
        let told = |survey: Survey, id| survey.id_fault(id, "ask elsewhere").unwrap_or_default();
        assert_eq!(told(Survey::Ztf, "ZTF20aaelulu"), "");
        assert_eq!(told(Survey::Ztf, "169342810955317611"), "this is an id of LSST; ask elsewhere");
        assert_eq!(told(Survey::Lsst, "12"), "this is no id of LSST; they have 15 to 19 digits");
    }
}
