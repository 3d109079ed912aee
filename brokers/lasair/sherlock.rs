//! What Lasair says of the sky around an object: Sherlock's match, the TNS entry, the flat record.

use std::collections::BTreeMap;

use super::errors::plain;
use super::literal;
use crate::plugin::*;

/// Sherlock's best match of an object: a catalogue source near it, and the class that follows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SherlockMatch {
    /// Class: `VS` variable star, `CV` cataclysmic variable, `BS` bright star, `AGN` active nucleus,
    /// `NT` nuclear transient, `SN` like a supernova, `ORPHAN` no host, `UNCLEAR`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub classification: Option<String>,
    /// How the object is associated with the source, in the words of the class.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub association_type: Option<String>,
    /// The catalogues, parted by `/`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub catalogue_table_name: Option<String>,
    /// The source's id there; a text or a number on the wire.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub catalogue_object_id: Option<String>,
    /// What the source is: `galaxy`, `agn`, `star`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub catalogue_object_type: Option<String>,
    /// Right ascension of the **source**, degrees.
    #[serde(rename = "raDeg", deserialize_with = "wire::number_or_none")]
    pub ra_deg: Option<f64>,
    /// Declination of the **source**, degrees.
    #[serde(rename = "decDeg", deserialize_with = "wire::number_or_none")]
    pub dec_deg: Option<f64>,
    /// Distance from the source, arcsec.
    #[serde(rename = "separationArcsec", deserialize_with = "wire::number_or_none")]
    pub separation_arcsec: Option<f64>,
    /// The same to the north; a text on the wire in places.
    #[serde(rename = "northSeparationArcsec", deserialize_with = "wire::number_or_none")]
    pub north_separation_arcsec: Option<f64>,
    /// The same to the east.
    #[serde(rename = "eastSeparationArcsec", deserialize_with = "wire::number_or_none")]
    pub east_separation_arcsec: Option<f64>,
    /// Distance from the source's centre, kpc.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub physical_separation_kpc: Option<f64>,
    /// Distance that was measured directly, Mpc.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub direct_distance: Option<f64>,
    /// Distance, Mpc. ZTF.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub distance: Option<f64>,
    /// Distance, Mpc. LSST.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub best_distance: Option<f64>,
    /// Where that is from: `dd` direct, `sz` spectrum, `pz` photometry. LSST.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub best_distance_flag: Option<String>,
    /// Redshift of the source from its spectrum; 0 in old rows means unknown.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub z: Option<f64>,
    /// Redshift of the source from its colours; 0 in old rows means unknown.
    #[serde(rename = "photoZ", deserialize_with = "wire::number_or_none")]
    pub photo_z: Option<f64>,
    /// Its error.
    #[serde(rename = "photoZErr", deserialize_with = "wire::number_or_none")]
    pub photo_z_err: Option<f64>,
    /// Magnitude of the source.
    #[serde(rename = "Mag", deserialize_with = "wire::number_or_none")]
    pub mag: Option<f64>,
    /// Its band.
    #[serde(rename = "MagFilter", deserialize_with = "wire::text_or_none")]
    pub mag_filter: Option<String>,
    /// Its error.
    #[serde(rename = "MagErr", deserialize_with = "wire::number_or_none")]
    pub mag_err: Option<f64>,
    /// How sure the association is: 1 the best, 3 the least.
    #[serde(rename = "classificationReliability", deserialize_with = "wire::whole_or_none")]
    pub classification_reliability: Option<i64>,
    /// Size of the source, arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub major_axis_arcsec: Option<f64>,
    /// Sherlock's release.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub annotator: Option<String>,
    /// The association in a sentence, with HTML in it; see [`words`](Self::words).
    #[serde(deserialize_with = "wire::text_or_none")]
    pub description: Option<String>,
    /// What the service sent instead of a match, where that cannot be read; nothing else is known then.
    #[serde(skip)]
    pub as_sent: Option<String>,
}

impl SherlockMatch {
    /// The sentence about the association, without HTML.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        self.description.as_deref().map(plain).filter(|words| !words.is_empty())
    }

    /// Redshift of the source: from its spectrum, else from its colours.
    #[must_use]
    pub fn redshift(&self) -> Option<f64> {
        let known = |z: &f64| *z > 0.0;
        self.z.filter(known).or(self.photo_z.filter(known))
    }

    /// The class, where there is one.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        said(&self.classification)
    }

    pub(super) fn fill(&self, target: Target) -> Target {
        target
            .with_extra_opt("sherlock_classification", self.class())
            .with_extra_opt("sherlock_association", said(&self.association_type))
            .with_extra_opt("sherlock_catalogue", said(&self.catalogue_table_name))
            .with_extra_opt("sherlock_catalogue_id", said(&self.catalogue_object_id))
            .with_extra_opt("sherlock_separation_arcsec", self.separation_arcsec)
            .with_extra_opt("sherlock_z", self.redshift())
            .with_extra_opt("sherlock_description", self.words())
            .with_extra_opt("sherlock", self.as_sent.as_deref())
    }
}

/// A text that says something.
pub(super) fn said(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// An object's entry in the Transient Name Server, as Lasair has it; all empty where it has none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TnsEntry {
    /// Its name without the prefix: `2021pkz`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tns_name: Option<String>,
    /// `AT` or `SN`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tns_prefix: Option<String>,
    /// Class: `SN Ia`.
    #[serde(rename = "type", deserialize_with = "wire::text_or_none")]
    pub class: Option<String>,
    /// Redshift.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub z: Option<f64>,
    /// Name of the host.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub host_name: Option<String>,
    /// Its redshift.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub hostz: Option<f64>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub decl: Option<f64>,
    /// Magnitude at discovery.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub disc_mag: Option<f64>,
    /// Its band.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub disc_mag_filter: Option<String>,
    /// When it was discovered, in words such as `2nd February 2023 at 11:34:04`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub disc_date: Option<String>,
    /// The same as MJD.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub disc_date_mjd: Option<f64>,
    /// The discoverers' name of it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub disc_int_name: Option<String>,
    /// Who reported it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub sender: Option<String>,
    /// The group that found it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub source_group: Option<String>,
    /// Distance from Lasair's object, arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub arcsec: Option<f64>,
    /// What the service sent instead of an entry, where that cannot be read; nothing else is known then.
    #[serde(skip)]
    pub as_sent: Option<String>,
}

impl TnsEntry {
    /// Its name with the prefix and a blank: `SN 2021pkz`.
    #[must_use]
    pub fn full_name(&self) -> Option<String> {
        let name = said(&self.tns_name)?;
        Some(said(&self.tns_prefix).map_or_else(|| name.to_owned(), |prefix| format!("{prefix} {name}")))
    }

    pub(super) fn fill(&self, target: Target) -> Target {
        let target = match self.full_name() {
            Some(name) => target.with_alias(name),
            None => target,
        };
        target
            .with_extra_opt("tns_type", said(&self.class))
            .with_extra_opt("tns_z", self.z.filter(|z| *z > 0.0))
            .with_extra_opt("tns_internal_name", said(&self.disc_int_name))
            .with_extra_opt("tns", self.as_sent.as_deref())
    }
}

/// What the service tells of an object's surroundings, in a shape that is not always an object.
pub(super) trait Surroundings: serde::de::DeserializeOwned + Default {
    /// What came in another shape.
    fn as_sent(text: String) -> Self;
}

impl Surroundings for SherlockMatch {
    fn as_sent(text: String) -> Self {
        Self { as_sent: Some(text), ..Self::default() }
    }
}

impl Surroundings for TnsEntry {
    fn as_sent(text: String) -> Self {
        Self { as_sent: Some(text), ..Self::default() }
    }
}

/// An object, also as a text that holds it in JSON or as Python writes it; anything else is kept as it
/// came, so that it does not cost the packet.
pub(super) fn told<'de, D: Deserializer<'de>, T: Surroundings>(from: D) -> Result<Option<T>, D::Error> {
    let raw = Option::<Box<RawValue>>::deserialize(from)?;
    Ok(raw.and_then(|raw| read_told(raw.get())))
}

/// The same in a box.
pub(super) fn told_boxed<'de, D: Deserializer<'de>, T: Surroundings>(
    from: D,
) -> Result<Option<Box<T>>, D::Error> {
    Ok(told(from)?.map(Box::new))
}

fn read_told<T: Surroundings>(raw: &str) -> Option<T> {
    if raw.starts_with('{')
        && let Ok(told) = serde_json::from_str(raw)
    {
        return Some(told);
    }
    let text = match serde_json::from_str::<Value>(raw) {
        Ok(Value::Null) => return None,
        Ok(Value::String(text)) => text,
        _ => raw.to_owned(),
    };
    if ["", "none", "null", "nan"].contains(&text.trim().to_ascii_lowercase().as_str()) {
        return None;
    }
    let object = literal::object(&text).and_then(|object| serde_json::from_value(object).ok());
    Some(object.unwrap_or_else(|| T::as_sent(text)))
}

/// What Sherlock says of an object or a place, with every catalogue source near it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Sherlock {
    /// Class and a sentence with HTML in it, by the object's id; of a place under a name of the
    /// service's own.
    #[serde(deserialize_with = "wire::or_default")]
    pub classifications: BTreeMap<String, (Option<String>, Option<String>)>,
    /// The sources, the best first, as the service has them: the columns depend on the catalogue.
    /// Positions are those of the source; `northSeparationArcsec` and `eastSeparationArcsec` are texts.
    #[serde(deserialize_with = "objects")]
    pub crossmatches: Vec<Map<String, Value>>,
}

/// The objects of a list; what is none is left out.
fn objects<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Map<String, Value>>, D::Error> {
    let list: Option<Vec<Value>> = wire::value_or_none(from)?;
    let object = |value| if let Value::Object(map) = value { Some(map) } else { None };
    Ok(list.unwrap_or_default().into_iter().filter_map(object).collect())
}

impl Sherlock {
    /// The class of the one object or place that was asked about.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.classifications.values().find_map(|(class, _)| said(class))
    }

    /// The sentence about it, without HTML.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let (_, words) = self.classifications.values().next()?;
        words.as_deref().map(plain).filter(|words| !words.is_empty())
    }
}

/// The flat record of an object that TOM Toolkit's `get_lasair_object` makes, with the same keys.
///
/// Time and magnitude are those of the newest **detection**; the Python function takes whatever
/// comes first, which may be a limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LasairRecord {
    /// The object's id.
    pub alert_id: String,
    /// When it was last detected, MJD UTC.
    pub timestamp: Option<f64>,
    /// Right ascension, degrees.
    pub ra: Option<f64>,
    /// Declination, degrees.
    pub dec: Option<f64>,
    /// Galactic longitude, degrees; computed where the service does not give it.
    pub galactic_lng: Option<f64>,
    /// Galactic latitude, degrees.
    pub galactic_lat: Option<f64>,
    /// Magnitude of that detection.
    pub mag: Option<f64>,
}

impl LasairRecord {
    pub(super) fn new(generic: &GenericAlert, galactic: Option<(f64, f64)>) -> Self {
        let computed = || Some(sky::galactic(generic.ra?, generic.dec?));
        let galactic = galactic.or_else(computed);
        Self {
            alert_id: generic.id.clone(),
            timestamp: generic.timestamp.map(time::mjd_from_utc),
            ra: generic.ra,
            dec: generic.dec,
            galactic_lng: galactic.map(|(lng, _)| lng),
            galactic_lat: galactic.map(|(_, lat)| lat),
            mag: generic.mag,
        }
    }
}
