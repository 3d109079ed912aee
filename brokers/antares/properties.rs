//! `Properties` of a locus: ANTARES' own by name, and whatever filters have set.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;

use crate::plugin::*;

macro_rules! properties {
    ($($(#[$doc:meta])* $name:ident $key:ident $read:ident $kind:ty;)*) => {
        /// What ANTARES and its filters say of a locus. Each of ANTARES' own keys is a field.
        #[derive(Debug, Clone, PartialEq, Default)]
        #[non_exhaustive]
        pub struct Properties {
            $($(#[$doc])* pub $name: Option<$kind>,)*
            /// What filters have set, by their own names and in the service's order.
            pub filters: Vec<(String, Property)>,
        }

        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "snake_case")]
        enum Key {
            $($key,)*
            Other(String),
        }

        impl Properties {
            fn read<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error> {
                while let Some(key) = map.next_key::<Key>()? {
                    match key {
                        $(Key::$key => self.$name = map.next_value::<$read>()?.0,)*
                        Key::Other(name) => {
                            if let Some(value) = map.next_value::<Option<Property>>()? {
                                self.filters.push((name, value));
                            }
                        }
                    }
                }
                Ok(())
            }

            /// Takes in properties that win over these.
            pub(super) fn take(&mut self, other: Self) {
                $(if other.$name.is_some() {
                    self.$name = other.$name;
                })*
                if self.filters.is_empty() {
                    self.filters = other.filters;
                    return;
                }
                let own = self.filters.len();
                for (name, value) in other.filters {
                    match self.filters[..own].iter_mut().find(|(known, _)| *known == name) {
                        Some(known) => known.1 = value,
                        None => self.filters.push((name, value)),
                    }
                }
            }
        }

        impl Serialize for Properties {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut map = to.serialize_map(None)?;
                $(if let Some(value) = &self.$name {
                    map.serialize_entry(stringify!($name), value)?;
                })*
                for (name, value) in &self.filters {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    };
}

properties! {
    /// Alerts, limits included.
    num_alerts NumAlerts Whole i64;
    /// Measurements, so without limits.
    num_mag_values NumMagValues Whole i64;
    /// The oldest detection.
    oldest_alert_id OldestAlertId Text String;
    /// Its magnitude.
    oldest_alert_magnitude OldestAlertMagnitude Number f64;
    /// Its date, MJD: UTC for ZTF, TAI for LSST; [`Locus::oldest`](super::Locus::oldest) is UTC.
    oldest_alert_observation_time OldestAlertObservationTime Number f64;
    /// The newest detection.
    newest_alert_id NewestAlertId Text String;
    /// Its magnitude, of the difference whichever sign that has; see
    /// [`Locus::magnitude`](super::Locus::magnitude).
    newest_alert_magnitude NewestAlertMagnitude Number f64;
    /// Its date, MJD: UTC for ZTF, TAI for LSST; [`Locus::newest`](super::Locus::newest) is UTC.
    newest_alert_observation_time NewestAlertObservationTime Number f64;
    /// The brightest detection.
    brightest_alert_id BrightestAlertId Text String;
    /// Its magnitude.
    brightest_alert_magnitude BrightestAlertMagnitude Number f64;
    /// Its date, MJD: UTC for ZTF, TAI for LSST.
    brightest_alert_observation_time BrightestAlertObservationTime Number f64;
    /// ZTF's id of the object; not there for what only LSST has seen.
    ztf_object_id ZtfObjectId Text String;
    /// ZTF's nearest known object of the solar system; the text `null` is none.
    ztf_ssnamenr ZtfSsnamenr Text String;
    /// Whether corrected magnitudes exist.
    is_corrected IsCorrected Flag bool;
    /// The objects of the surveys in this locus.
    survey Survey Held SurveyIds;
    /// The locus that this one was merged into.
    replaced_by ReplacedBy Text String;
    /// JPL's name of a moving object.
    horizons_targetname HorizonsTargetname Text String;
}

impl Properties {
    /// What a filter has set, by its name.
    #[must_use]
    pub fn filter(&self, name: &str) -> Option<&Property> {
        self.filters.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

#[derive(Deserialize)]
struct Text(#[serde(deserialize_with = "wire::text_or_none")] Option<String>);

#[derive(Deserialize)]
struct Number(#[serde(deserialize_with = "wire::number_or_none")] Option<f64>);

#[derive(Deserialize)]
struct Whole(#[serde(deserialize_with = "wire::whole_or_none")] Option<i64>);

#[derive(Deserialize)]
struct Flag(#[serde(deserialize_with = "wire::flag_or_none")] Option<bool>);

#[derive(Deserialize)]
struct Held(#[serde(deserialize_with = "wire::object_or_none")] Option<SurveyIds>);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Properties;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of properties")
            }
            fn visit_unit<E>(self) -> Result<Properties, E> {
                Ok(Properties::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Properties, E> {
                Ok(none())
            }
            fn visit_i64<E>(self, _: i64) -> Result<Properties, E> {
                Ok(none())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Properties, E> {
                Ok(none())
            }
            fn visit_f64<E>(self, _: f64) -> Result<Properties, E> {
                Ok(none())
            }
            fn visit_str<E>(self, _: &str) -> Result<Properties, E> {
                Ok(none())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Properties, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(none())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
                let mut properties = Properties::default();
                properties.read(&mut map)?;
                Ok(properties)
            }
        }
        from.deserialize_any(Reader)
    }
}

/// What is no object says nothing of a locus, and does not cost it.
fn none() -> Properties {
    wire::leave_out();
    Properties::default()
}

/// The objects of each survey that make up a locus.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SurveyIds {
    /// ZTF's.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub ztf: Option<ZtfIds>,
    /// LSST's.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub lsst: Option<LsstIds>,
}

/// The objects of ZTF in a locus; several happen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfIds {
    /// Ids of the objects.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub id: Vec<String>,
    /// ZTF's fields.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub field: Vec<String>,
    /// ZTF's readout channels.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub rcid: Vec<String>,
    /// Nearest known objects of the solar system; the text `null` is none.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub ssnamenr: Vec<String>,
}

/// The objects of LSST in a locus.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstIds {
    /// Ids of fixed objects, every digit kept.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub dia_object_id: Vec<String>,
    /// Ids of objects of the solar system.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub ss_object_id: Vec<String>,
}

/// A value that a filter has set.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Property {
    /// A number with a fraction.
    Number(f64),
    /// A whole number, every digit kept.
    Whole(i64),
    /// A text; also a whole number beyond 64 bits with a sign.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A list or a table.
    Nested(Value),
}

impl Property {
    /// The number, whole or not; also of a text that is one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Whole(number) => Some(*number as f64),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Flag(_) | Self::Nested(_) => None,
        }
    }

    /// The text, when it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Flag(yes) => yes.fmt(f),
            Self::Nested(value) => value.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for Property {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Property;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_bool<E>(self, yes: bool) -> Result<Property, E> {
                Ok(Property::Flag(yes))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Property, E> {
                Ok(Property::Whole(number))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Property, E> {
                Ok(i64::try_from(number).map_or_else(|_| Property::Text(number.to_string()), Property::Whole))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Property, E> {
                Ok(Property::Number(number))
            }
            fn visit_str<E>(self, text: &str) -> Result<Property, E> {
                Ok(Property::Text(text.to_owned()))
            }
            fn visit_unit<E>(self) -> Result<Property, E> {
                Ok(Property::Nested(Value::Null))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Property, A::Error> {
                let list = serde::de::value::SeqAccessDeserializer::new(list);
                Value::deserialize(list).map(Property::Nested)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Property, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                Value::deserialize(map).map(Property::Nested)
            }
        }
        from.deserialize_any(Reader)
    }
}
