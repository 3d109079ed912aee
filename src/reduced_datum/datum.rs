//! `Datum`: what was measured, of any type.

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Astrometry, Photometry, Spectroscopy};
use crate::error::{Error, ErrorKind};
use crate::extra::Extra;
use crate::text::Text;

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Datum {
    /// Brightness or a limit to it.
    Photometry(Photometry),
    /// A spectrum.
    Spectroscopy(Spectroscopy),
    /// A position.
    Astrometry(Astrometry),
    /// Anything else a broker has, as it has it.
    Other(OtherDatum),
}

/// A value of a type that this crate does not know, as it came.
///
/// ```
/// use tom_alerts::reduced_datum::OtherDatum;
/// let map = serde_json::Map::from_iter([("degree".to_owned(), 12.5.into())]);
/// let other = OtherDatum::new("polarimetry", map.clone())?;
/// assert_eq!((other.data_type(), other.value.get("degree")), ("polarimetry", Some(12.5.into())));
/// assert!(OtherDatum::new("photometry", map).is_err());
/// # Ok::<(), tom_alerts::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherDatum {
    data_type: Text,
    /// The value, a free object.
    pub value: Extra,
}

const PHOTOMETRY: &str = "photometry";
const SPECTROSCOPY: &str = "spectroscopy";
const ASTROMETRY: &str = "astrometry";
const OTHER: &str = "other";

impl OtherDatum {
    /// A value of another type.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for `photometry`, `spectroscopy` and `astrometry`, which have a shape of
    /// their own.
    pub fn new(data_type: impl Into<Text>, value: impl Into<Extra>) -> Result<Self, Error> {
        let data_type = data_type.into();
        if [PHOTOMETRY, SPECTROSCOPY, ASTROMETRY].contains(&data_type.as_str()) {
            let text = "this data_type has a shape of its own; use the variant of Datum that has its name";
            return Err(Error::new(ErrorKind::Input, text).with("data_type", data_type));
        }
        Ok(Self { data_type, value: value.into() })
    }

    /// The name of the type; `other` where the source gives none.
    #[must_use]
    pub fn data_type(&self) -> &str {
        &self.data_type
    }
}

impl Datum {
    /// TOM Toolkit's name of the type of value: `photometry`, `spectroscopy`, `astrometry`, or what
    /// the source calls it.
    #[must_use]
    pub fn data_type(&self) -> &str {
        match self {
            Self::Photometry(_) => PHOTOMETRY,
            Self::Spectroscopy(_) => SPECTROSCOPY,
            Self::Astrometry(_) => ASTROMETRY,
            Self::Other(other) => other.data_type(),
        }
    }

    /// The value of a type, read from JSON by `read`, which is asked for one shape alone.
    pub(crate) fn read<R: Reader>(data_type: &str, read: R) -> Result<Self, R::Error> {
        Ok(match data_type {
            PHOTOMETRY => Self::Photometry(read.value()?),
            SPECTROSCOPY => Self::Spectroscopy(read.value()?),
            ASTROMETRY => Self::Astrometry(read.value()?),
            _ => Self::Other(OtherDatum { data_type: data_type.into(), value: read.value()? }),
        })
    }
}

/// Something that can be read as a value of any shape.
pub(crate) trait Reader {
    type Error;

    fn value<T: DeserializeOwned>(self) -> Result<T, Self::Error>;
}

impl Reader for Value {
    type Error = serde_json::Error;

    fn value<T: DeserializeOwned>(self) -> serde_json::Result<T> {
        serde_json::from_value(self)
    }
}

impl From<Photometry> for Datum {
    fn from(value: Photometry) -> Self {
        Self::Photometry(value)
    }
}

impl From<Spectroscopy> for Datum {
    fn from(value: Spectroscopy) -> Self {
        Self::Spectroscopy(value)
    }
}

impl From<Astrometry> for Datum {
    fn from(value: Astrometry) -> Self {
        Self::Astrometry(value)
    }
}

impl From<OtherDatum> for Datum {
    fn from(value: OtherDatum) -> Self {
        Self::Other(value)
    }
}

impl From<Extra> for Datum {
    fn from(value: Extra) -> Self {
        Self::Other(OtherDatum { data_type: OTHER.into(), value })
    }
}

impl From<Map<String, Value>> for Datum {
    fn from(value: Map<String, Value>) -> Self {
        Extra::from(value).into()
    }
}

impl Serialize for Datum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut both = serializer.serialize_struct("Datum", 2)?;
        both.serialize_field("data_type", self.data_type())?;
        match self {
            Self::Photometry(value) => both.serialize_field("value", value)?,
            Self::Spectroscopy(value) => both.serialize_field("value", value)?,
            Self::Astrometry(value) => both.serialize_field("value", value)?,
            Self::Other(other) => both.serialize_field("value", &other.value)?,
        }
        both.end()
    }
}

impl<'de> Deserialize<'de> for Datum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Both {
            data_type: Text,
            value: Value,
        }

        let Both { data_type, value } = Both::deserialize(deserializer)?;
        Self::read(&data_type, value).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reduced_datum::ReducedDatum;
    use serde_json::json;

    #[test]
    fn a_type_that_is_not_known_is_read_and_written_back_the_same() {
        let json = json!({
            "target": "ZTF1", "source_name": "TOM", "source_location": "", "timestamp": "2020-09-13T12:26:40Z",
            "data_type": "polarimetry", "value": {"degree": 12.5, "id": u64::MAX}
        });
        let datum: ReducedDatum = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(datum.data_type(), "polarimetry");
        assert_eq!(datum.key(), "polarimetry|||2020-09-13T12:26:40.000000Z");
        assert_eq!(serde_json::to_value(&datum).unwrap(), json);
        assert_eq!(serde_json::from_str::<ReducedDatum>(&json.to_string()).unwrap(), datum);
    }

    #[test]
    fn a_type_that_is_known_has_its_shape_and_one_is_due() {
        let read = |json| serde_json::from_value::<Datum>(json);
        let other = read(json!({"data_type": "other", "value": {"a": 1}})).unwrap();
        assert_eq!(other, Datum::from(Extra::from_iter([("a", json!(1))])));
        assert!(read(json!({"data_type": "photometry", "value": {"magnitude": "bright"}})).is_err());
        assert!(read(json!({"data_type": "photometry"})).is_err());
        assert!(read(json!({"value": {}})).is_err());
        assert!(OtherDatum::new(OTHER, Extra::default()).is_ok());
    }
}
