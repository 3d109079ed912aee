//! The closed word lists of messages in Hermes' format, and lenient readers of their fields.

use std::fmt;
use std::str::FromStr;

use super::units::canonical;
use crate::plugin::*;

/// An enum of Hermes' words. A word that is not in the list is kept when it is read, and is a fault
/// when it is to be sent. Other spellings of a unit become Hermes' own.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, default $default:ident {
        $($(#[$variant_doc:meta])* $variant:ident $word:literal $(| $other:literal)*;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// A word that Hermes does not take.
            Other(String),
        }

        impl $name {
            /// The words that Hermes takes.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// As Hermes writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }

            /// Whether Hermes takes it.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match canonical(word.trim()).as_ref() {
                    $($word $(| $other)* => Self::$variant,)*
                    word => Self::Other(word.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                // Null and an empty text stand for the default, as Hermes publishes it. Anything but a
                // text is kept as an unknown word: read as the default it would be a wrong unit.
                let raw = Option::<Box<RawValue>>::deserialize(from)?;
                let word = raw.map_or_else(String::new, |raw| match raw.get() {
                    "null" => String::new(),
                    json => serde_json::from_str(json).unwrap_or_else(|_| json.chars().take(40).collect()),
                });
                Ok(if word.trim().is_empty() { Self::default() } else { Self::from(word.as_str()) })
            }
        }
    };
}

words! {
    /// Unit of a brightness or of a limit.
    BrightnessUnit, default AbMag {
        /// AB magnitudes.
        AbMag "AB mag" | "AB" | "ABmag" | "mag(AB)" | "ABflux";
        /// Vega magnitudes.
        VegaMag "Vega mag" | "Vega" | "mag(Vega)";
        /// Millijansky.
        MilliJansky "mJy";
        /// Flux density by wavelength.
        ErgAngstrom "erg / s / cm² / \u{212b}";
    }
}

words! {
    /// Unit of the fluxes of a spectrum.
    FluxUnit, default MilliJansky {
        /// Millijansky.
        MilliJansky "mJy";
        /// Flux density by wavelength.
        ErgAngstrom "erg / s / cm² / \u{212b}";
    }
}

words! {
    /// Unit of the wavelengths or frequencies of a spectrum.
    WavelengthUnit, default Nanometre {
        /// Nanometres.
        Nanometre "nm";
        /// Ångström.
        Angstrom "\u{212b}";
        /// Micrometres.
        Micrometre "µm";
        /// Hertz.
        Hertz "Hz";
        /// Gigahertz.
        Gigahertz "GHz";
        /// Terahertz.
        Terahertz "THz";
    }
}

words! {
    /// What kind of flux a spectrum has.
    FluxType, default Lambda {
        /// By wavelength.
        Lambda "Fλ";
        /// By wavelength, in letters.
        LambdaLetters "Flambda";
        /// By frequency.
        Nu "Fν";
        /// By frequency, in letters.
        NuLetters "Fnu";
    }
}

words! {
    /// What a spectrum is of.
    SpectrumType, default Object {
        /// The object.
        Object "Object";
        /// Something else.
        Else "Other";
        /// Its host galaxy.
        Host "Host";
        /// A model.
        Synthetic "Synthetic";
        /// The sky.
        Sky "Sky";
        /// A calibration lamp.
        Arcs "Arcs";
    }
}

words! {
    /// Unit of an error of a position.
    AngleUnit, default Degrees {
        /// Degrees.
        Degrees "degrees" | "deg";
        /// Milliarcseconds.
        MilliArcsec "mas";
        /// Arcseconds.
        Arcsec "arcsec";
        /// Arcminutes.
        Arcmin "arcmin";
    }
}

words! {
    /// Unit of a distance.
    DistanceUnit, default Megaparsec {
        /// Centimetres.
        Centimetre "cm";
        /// Metres.
        Metre "m";
        /// Kilometres.
        Kilometre "km";
        /// Parsec.
        Parsec "pc";
        /// Kiloparsec.
        Kiloparsec "kpc";
        /// Megaparsec.
        Megaparsec "Mpc";
        /// Gigaparsec.
        Gigaparsec "Gpc";
        /// Light years.
        LightYear "ly";
        /// Astronomical units.
        AstronomicalUnit "au";
    }
}

words! {
    /// What a new object is thought to be.
    TransientType, default Undefined {
        /// Possible supernova.
        PossibleSupernova "PSN - Possible SN" | "PSN";
        /// Possibly nuclear.
        PossiblyNuclear "NUC - Possibly nuclear" | "NUC";
        /// Possible nova.
        PossibleNova "PNV - Possible Nova" | "PNV";
        /// Known active nucleus.
        KnownAgn "AGN - Known AGN" | "AGN";
        /// Fast radio burst.
        FastRadioBurst "FRB - Fast Radio Burst event" | "FRB";
        /// Anything else.
        Undefined "Other - Undefined" | "Other";
    }
}

words! {
    /// Unit of a proprietary period.
    PeriodUnit, default Days {
        /// Days.
        Days "Days";
        /// Months.
        Months "Months";
        /// Years.
        Years "Years";
    }
}

impl AngleUnit {
    /// Arcseconds of one unit; `None` for a word that Hermes does not take.
    #[must_use]
    pub fn arcsec(&self) -> Option<f64> {
        match self {
            Self::Degrees => Some(3600.0),
            Self::Arcmin => Some(60.0),
            Self::Arcsec => Some(1.0),
            Self::MilliArcsec => Some(1e-3),
            Self::Other(_) => None,
        }
    }
}

impl DistanceUnit {
    /// Parsec of one unit (IAU 2012 and 2015 definitions); `None` for a word that Hermes does not take.
    #[must_use]
    pub fn parsec(&self) -> Option<f64> {
        const METRES: f64 = 3.085_677_581_491_367e16;
        match self {
            Self::Centimetre => Some(1e-2 / METRES),
            Self::Metre => Some(1.0 / METRES),
            Self::Kilometre => Some(1e3 / METRES),
            Self::Parsec => Some(1.0),
            Self::Kiloparsec => Some(1e3),
            Self::Megaparsec => Some(1e6),
            Self::Gigaparsec => Some(1e9),
            Self::LightYear => Some(9_460_730_472_580_800.0 / METRES),
            Self::AstronomicalUnit => Some(149_597_870_700.0 / METRES),
            Self::Other(_) => None,
        }
    }
}

/// A date as its text, whether it came as a text or as a number.
pub(super) fn date_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Box<RawValue>>::deserialize(from)?.and_then(|raw| scalar(&raw)))
}

/// A coordinate in degrees, whether it came as a number, as its text or sexagesimal.
pub(super) fn ra<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    angle(from, sky::parse_ra, "a right ascension was due")
}

/// A declination in degrees; sexagesimal text is degrees, as everywhere but in Hermes itself.
pub(super) fn dec<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    angle(from, sky::parse_dec, "a declination was due")
}

fn angle<'de, D: Deserializer<'de>>(
    from: D,
    parse: fn(&str) -> Option<f64>,
    due: &'static str,
) -> Result<Option<f64>, D::Error> {
    let Some(raw) = Option::<Box<RawValue>>::deserialize(from)? else { return Ok(None) };
    degrees(&raw, parse).map_err(|()| serde::de::Error::custom(due))
}

/// An angle in degrees: a number, its text, or a sexagesimal text. `None` for null, blanks and what is
/// not finite; a fault for anything else.
pub(super) fn degrees(raw: &RawValue, parse: fn(&str) -> Option<f64>) -> Result<Option<f64>, ()> {
    if raw.get() == "null" {
        return Ok(None);
    }
    let text = scalar(raw).ok_or(())?;
    match (text.trim(), f64::from_str(text.trim())) {
        ("", _) => Ok(None),
        (_, Ok(number)) => Ok(Some(number).filter(|number| number.is_finite())),
        _ => parse(&text).map(Some).ok_or(()),
    }
}

/// The text of a text, a number's digits; nothing else.
fn scalar(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first()? {
        b'"' => serde_json::from_str(raw.get()).ok(),
        b'-' | b'0'..=b'9' => Some(raw.get().to_owned()),
        _ => None,
    }
}

/// Something that is an object: of a list its reader would take the values in the order of its fields.
#[derive(Deserialize)]
#[serde(bound = "T: serde::de::DeserializeOwned")]
pub(super) struct Object<T>(#[serde(deserialize_with = "wire::object")] pub(super) T);

/// A list of objects without the items that cannot be read; empty for what is no list.
pub(in crate::brokers) fn listed<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    #[derive(Deserialize)]
    #[serde(bound = "T: serde::de::DeserializeOwned")]
    struct Item<T>(#[serde(deserialize_with = "wire::value_or_none")] Option<Object<T>>);
    let Some(raw) = Option::<Box<RawValue>>::deserialize(from)? else { return Ok(Vec::new()) };
    // Item by item only where one cannot be read.
    if let Ok(items) = serde_json::from_str::<Vec<Object<T>>>(raw.get()) {
        return Ok(items.into_iter().map(|Object(item)| item).collect());
    }
    let items: Option<Vec<Item<T>>> = wire::value_or_none(&mut serde_json::Deserializer::from_str(raw.get()))
        .map_err(serde::de::Error::custom)?;
    Ok(items.into_iter().flatten().filter_map(|Item(item)| item).map(|Object(item)| item).collect())
}

/// An instant as Hermes reads dates: a number is a JD between 2400000 and 2600000, an MJD between
/// 1000 and 150000; any other text is a date of the calendar, UTC unless it says otherwise.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    match text.trim().parse::<f64>() {
        Ok(jd) if jd > 2_400_000.0 && jd < 2_600_000.0 => time::utc_from_jd(jd),
        Ok(mjd) if mjd > 1_000.0 && mjd < 150_000.0 => time::utc_from_mjd(mjd),
        Ok(_) => None,
        Err(_) => time::parse_utc(text),
    }
}

/// The same as an MJD, without a detour over microseconds where it is one.
pub(super) fn mjd(text: &str) -> Option<f64> {
    match text.trim().parse::<f64>() {
        Ok(jd) if jd > 2_400_000.0 && jd < 2_600_000.0 => Some(jd - 2_400_000.5),
        Ok(mjd) => (mjd > 1_000.0 && mjd < 150_000.0).then_some(mjd),
        Err(_) => time::parse_utc(text).map(time::mjd_from_utc),
    }
}

/// A text; nothing, and what is no text, is an empty one.
pub(super) fn plain<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(wire::text_or_none(from)?.unwrap_or_default())
}

/// A text; anything else is an empty one, numbers too: the key means something else with other senders.
pub(super) fn words_only<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text: Option<String> = wire::value_or_none(from)?;
    Ok(text.unwrap_or_default())
}

/// A whole uuid in its usual form.
pub(in crate::brokers) fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    let fits = lengths.iter().all(|length| {
        parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|b| b.is_ascii_hexdigit()))
    });
    fits && parts.next().is_none()
}

/// What a topic of Hopskotch must be, for a fault.
pub(in crate::brokers) const TOPIC_DUE: &str =
    "a topic has 1 to 249 letters, digits, dots, hyphens and underscores";

/// Whether Kafka takes this for the name of a topic.
pub(in crate::brokers) fn is_topic(name: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    (1..=249).contains(&name.len()) && name.bytes().all(known) && name != "." && name != ".."
}

/// Whether the archive can have messages of a topic of this name: it keeps what is too large for a
/// topic under the name with `+oversized`, which Kafka would not take.
pub(in crate::brokers) fn is_archived_topic(name: &str) -> bool {
    is_topic(name.strip_suffix("+oversized").unwrap_or(name))
}

/// A time as messages have it.
pub(in crate::brokers) fn moment(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string()
}

/// A text with something in it, without the blanks around.
pub(in crate::brokers) fn given(text: &Option<impl AsRef<str>>) -> Option<&str> {
    text.as_ref().map(|text| text.as_ref().trim()).filter(|text| !text.is_empty())
}

/// Whether a text is not there, for `skip_serializing_if`: Hermes refuses empty texts.
pub(super) fn blank(text: &Option<String>) -> bool {
    given(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hermes_dates_are_jd_mjd_or_of_the_calendar() {
        let due = time::parse_utc("2026-09-01T12:00:00");
        for text in ["2461285.0", "61284.5", "2026-09-01 12:00", "2026-09-01T14:00:00+02:00"] {
            assert_eq!(instant(text), due, "{text}");
        }
        for text in ["junk", "0", "999", "200000", "1e9", "NaN", ""] {
            assert_eq!(instant(text), None, "{text}");
        }
        assert_eq!(mjd("2461285.0"), Some(61_284.5));
        assert_eq!(mjd("2026-09-01T12:00:00Z"), Some(61_284.5));
    }

    #[test]
    fn words_of_other_tools_become_hermes_words_and_strange_ones_stay() {
        assert_eq!(BrightnessUnit::from("AB").as_str(), "AB mag");
        // Hermes' own letter is U+212B, which it alone takes; people write U+00C5.
        for word in ["erg / s / cm² / Å", "erg / (Angstrom s cm2)", "erg/s/cm^2/A"] {
            assert_eq!(BrightnessUnit::from(word).as_str(), "erg / s / cm² / \u{212b}", "{word}");
            assert_eq!(FluxUnit::from(word), FluxUnit::ErgAngstrom, "{word}");
        }
        assert_eq!(WavelengthUnit::from("micron").as_str(), "µm");
        for word in ["AA", "Å", "\u{212b}"] {
            assert_eq!(WavelengthUnit::from(word).as_str(), "\u{212b}");
        }
        let strange = BrightnessUnit::from("Jy");
        assert!(!strange.is_known());
        assert_eq!(serde_json::to_string(&strange).unwrap(), "\"Jy\"");
        assert_eq!(serde_json::from_str::<BrightnessUnit>("null").unwrap(), BrightnessUnit::AbMag);
    }

    #[test]
    fn distances_become_parsec() {
        let pc = DistanceUnit::LightYear.parsec().unwrap();
        assert!((pc - 0.306_601_393_785_55).abs() < 1e-12, "{pc}");
        let au = DistanceUnit::AstronomicalUnit.parsec().unwrap();
        assert!((au * 206_264.806_247 - 1.0).abs() < 1e-9, "{au}");
    }
}
