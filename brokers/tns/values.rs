//! The service's numbered lists: filters, instruments, types. A small snapshot stands in until
//! the live ones are fetched.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::plugin::*;

/// One of the service's lists: a number and a label for each entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List(BTreeMap<u32, Cow<'static, str>>);

impl List {
    /// A list of this crate's own: number and label of each, with semicolons between.
    fn of(entries: &'static str) -> Self {
        let entry = |entry: &'static str| {
            let (id, label) = entry.trim().split_once(' ')?;
            Some((id.parse().ok()?, Cow::Borrowed(label)))
        };
        Self(entries.split(';').filter_map(entry).collect())
    }

    /// The label of a number.
    #[must_use]
    pub fn label(&self, id: u32) -> Option<&str> {
        self.0.get(&id).map(AsRef::as_ref)
    }

    /// The number of an entry, by its number as text or by its label in any case; a label of which
    /// every word is meant by one entry alone will do, such as `ZTF-Cam` for `P48 - ZTF-Cam`.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        match text.trim().parse() {
            Ok(id) => self.0.contains_key(&id).then_some(id),
            Err(_) => self.labelled(text),
        }
    }

    /// The same by label alone: the code of another service is no number of this list.
    pub(super) fn labelled(&self, text: &str) -> Option<u32> {
        let text = text.trim();
        let same = |label: &str| label.eq_ignore_ascii_case(text);
        if let Some((id, _)) = self.0.iter().find(|(_, label)| same(label)) {
            return Some(*id);
        }
        let mut parts = self.0.iter().filter(|(_, label)| label.split(" - ").any(same));
        let first = parts.next().map(|(id, _)| *id);
        first.filter(|_| !text.is_empty() && parts.next().is_none())
    }

    /// Every entry by its number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        self.0.iter().map(|(id, label)| (*id, label.as_ref()))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The service writes a list as an object of number and label, or as an array whose places are the
/// numbers.
impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let entries: Vec<(u32, String)> = match Value::deserialize(from)? {
            Value::Array(labels) => (0..).zip(labels.iter().map(label)).collect(),
            Value::Object(map) => {
                map.iter().filter_map(|(id, value)| Some((id.trim().parse().ok()?, label(value)))).collect()
            }
            _ => Vec::new(),
        };
        Ok(Self(entries.into_iter().filter(|(_, l)| !l.is_empty()).map(|(id, l)| (id, l.into())).collect()))
    }
}

fn label(value: &Value) -> String {
    let named = |map: &Map<String, Value>| map.get("name").and_then(Value::as_str).map(str::to_owned);
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Object(map) => named(map).unwrap_or_default(),
        _ => String::new(),
    }
}

impl Serialize for List {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Every list of the service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Values {
    /// Types of a new transient, for a report.
    pub at_types: List,
    /// Classes of objects.
    #[serde(alias = "object_types")]
    pub objtypes: List,
    /// What a spectrum is of.
    pub spectra_types: List,
    /// Units of fluxes and magnitudes.
    pub units: List,
    /// Archives in which nothing was seen before.
    pub archives: List,
    /// Groups that report, own data, classify.
    pub groups: List,
    /// Filters, by their full names: `g-ZTF`.
    pub filters: List,
    /// Instruments, with the telescope before: `P48 - ZTF-Cam`.
    pub instruments: List,
    /// Telescopes.
    pub telescopes: List,
}

impl Values {
    /// What is built in: the numbers in common use in 2026. The live lists are longer.
    #[must_use]
    pub fn snapshot() -> Self {
        Self {
            at_types: List::of(AT_TYPES),
            objtypes: List::of(OBJTYPES),
            spectra_types: List::of(SPECTRA_TYPES),
            units: List::of(UNITS),
            archives: List::of(ARCHIVES),
            groups: List::of(GROUPS),
            filters: List::of(FILTERS),
            instruments: List::of(INSTRUMENTS),
            telescopes: List::default(),
        }
    }

    /// These, with those of the others where a list is empty.
    pub(super) fn or(self, others: &Self) -> Self {
        let pick = |list: List, other: &List| if list.is_empty() { other.clone() } else { list };
        Self {
            at_types: pick(self.at_types, &others.at_types),
            objtypes: pick(self.objtypes, &others.objtypes),
            spectra_types: pick(self.spectra_types, &others.spectra_types),
            units: pick(self.units, &others.units),
            archives: pick(self.archives, &others.archives),
            groups: pick(self.groups, &others.groups),
            filters: pick(self.filters, &others.filters),
            instruments: pick(self.instruments, &others.instruments),
            telescopes: pick(self.telescopes, &others.telescopes),
        }
    }
}

/// Types of a new transient.
const AT_TYPES: &str = "\
    0 Other - Undefined; 1 PSN - Possible SN; 2 PNV - Possible Nova; 3 AGN - Known AGN; \
    4 NUC - Possibly nuclear; 5 FRB - Fast Radio Burst event";

/// Classes.
const OBJTYPES: &str = "\
    0 Other; 1 SN; 2 SN I; 3 SN Ia; 4 SN Ib; 5 SN Ic; 6 SN Ib/c; 7 SN Ic-BL; 9 SN Ibn; 10 SN II; \
    11 SN IIP; 12 SN IIL; 13 SN IIn; 14 SN IIb; 15 SN I-faint; 16 SN I-rapid; 18 SLSN-I; 19 SLSN-II; \
    20 SLSN-R; 23 Afterglow; 24 LBV; 25 ILRT; 26 Nova; 27 CV; 28 Varstar; 29 AGN; 30 Galaxy; 31 QSO; \
    40 Light-Echo; 50 Std-spec; 60 Gap; 61 Gap I; 62 Gap II; 65 LRN; 66 FBOT; 70 Kilonova; 99 Impostor-SN; \
    100 SN Ia-pec; 102 SN Ia-SC; 103 SN Ia-91bg-like; 104 SN Ia-91T-like; 105 SN Iax[02cx-like]; \
    106 SN Ia-CSM; 107 SN Ib-pec; 108 SN Ic-pec; 109 SN Icn; 110 SN Ibn/Icn; 111 SN II-pec; \
    112 SN IIn-pec; 115 SN Ib-Ca-rich; 116 SN Ib/c-Ca-rich; 117 SN Ic-Ca-rich; 118 SN Ia-Ca-rich; 120 TDE; \
    121 TDE-H; 122 TDE-He; 123 TDE-H-He; 130 FRB; 200 WR; 201 WR-WN; 202 WR-WC; 203 WR-WO; 210 M dwarf; \
    1003 Computed-Ia; 1011 Computed-IIP; 1014 Computed-IIb; 1020 Computed-PISN; 1021 Computed-IIn";

/// What a spectrum is of.
const SPECTRA_TYPES: &str = "1 Object; 2 Host; 3 Sky; 4 Arcs; 5 Synthetic";

/// Units; 1 to 3 are magnitudes.
const UNITS: &str = "\
    0 Other; 1 ABMag; 2 STMag; 3 VegaMag; 4 erg cm(-2) sec(-1); 5 erg cm(-2) sec(-1) Hz(-1); \
    6 erg cm(-2) sec(-1) Ang(-1); 7 counts sec(-1); 8 Jy; 9 mJy; 10 Neutrino events; 11 Angstrom; 12 nm; \
    13 Micrometre; 14 mm; 15 cm; 16 Hz; 17 GHz; 18 eV; 19 keV; 20 GeV; 21 mJy sec; 22 Jy ms; 23 ms; \
    24 MHz; 25 pc/cc; 26 rad/m2; 27 arcsec; 28 arcmin; 29 deg; 30 erg; 31 erg sec(-1); 32 Photons cm(-2); \
    33 Photons sec(-1) cm(-2); 34 nJy";

/// Archives.
const ARCHIVES: &str = "0 Other; 1 SDSS; 2 DSS";

/// Groups in common use.
const GROUPS: &str = "\
    0 None; 18 ATLAS; 48 ZTF; 74 ALeRCE; 82 AMPEL; 83 YSE; 88 DECam; 95 SNAD; 103 Fink; 111 Lasair; \
    115 ANTARES; 165 Rubin/LSST; 195 DCAP";

/// Filters in common use.
const FILTERS: &str = "\
    0 Other; 1 Clear; 20 u-Sloan; 21 g-Sloan; 22 r-Sloan; 23 i-Sloan; 24 z-Sloan; 26 w-P1; 56 g-P1; \
    57 r-P1; 58 i-P1; 59 z-P1; 60 y-P1; 71 cyan-ATLAS; 72 orange-ATLAS; 75 G-Gaia; 110 g-ZTF; 111 r-ZTF; \
    112 i-ZTF; 120 L-GOTO; 121 R-GOTO; 122 G-GOTO; 123 B-GOTO; 160 u-LSST; 161 g-LSST; 162 r-LSST; \
    163 i-LSST; 164 z-LSST; 165 y-LSST";

/// Instruments in common use.
const INSTRUMENTS: &str = "\
    0 Other - Other; 108 FTN - FLOYDS-N; 125 FTS - FLOYDS-S; 155 PS1 - GPC1; \
    159 ATLAS-HKO - ATLAS-02; 160 ATLAS-MLO - ATLAS-01; 163 Gaia - Gaia-photometric; 172 CTIO-4m - DECAM; \
    196 P48 - ZTF-Cam; 255 ATLAS-STH - ATLAS-03; 256 ATLAS-CHL - ATLAS-04; 257 PS2 - GPC2; \
    287 Rubin - LSSTCam; 289 Rubin - LSSTComCam; 290 ATLAS-TDO - ATLAS-05";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_by_number_label_or_a_part_that_is_only_its() {
        let values = Values::snapshot();
        assert_eq!(values.filters.find("110"), Some(110));
        assert_eq!(values.filters.find("G-ztf"), Some(110));
        assert_eq!(values.filters.find("g"), None);
        assert_eq!((values.filters.labelled("110"), values.filters.labelled("g-ZTF")), (None, Some(110)));
        assert_eq!(values.instruments.find("ztf-cam"), Some(196));
        assert_eq!(values.instruments.find(""), None);
        assert_eq!(values.groups.find("99999"), None);
        assert_eq!(values.units.label(1), Some("ABMag"));
        let counts =
            [&values.at_types, &values.objtypes, &values.spectra_types, &values.units, &values.archives];
        assert_eq!(counts.map(List::len), [6, 68, 5, 35, 3]);
        let counts = [&values.groups, &values.filters, &values.instruments];
        assert_eq!(counts.map(List::len), [13, 29, 15]);
        assert_eq!(values.instruments.label(290), Some("ATLAS-TDO - ATLAS-05"));
    }

    #[test]
    fn a_list_is_read_from_either_shape() {
        let array: List = serde_json::from_str(r#"["Other", "ABMag", null]"#).unwrap();
        let object: List = serde_json::from_str(r#"{"1": "ABMag", "0": " Other ", "x": "?"}"#).unwrap();
        assert_eq!(array, object);
        assert!(serde_json::from_str::<List>("null").unwrap().is_empty());
    }
}
