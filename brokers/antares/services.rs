//! What else the service gives: catalogue matches, thumbnails, statistics, gravitational-wave notices.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::listing;
use super::query::ApiVersion;
use crate::plugin::*;

/// Something that version 1 wraps as `{type, id, attributes}` and version 2 sends as it is.
pub(super) trait Resource: DeserializeOwned {
    /// Takes in what version 1 has beside the attributes.
    fn wrapped(self, id: String) -> Self;
}

/// An object of a catalogue near a locus.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CatalogMatch {
    /// Its id in ANTARES: the catalogue and its id there.
    #[serde(deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// Its id in the catalogue.
    #[serde(deserialize_with = "wire::text")]
    pub object_id: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "wire::text")]
    pub object_name: Option<String>,
    /// The catalogue.
    #[serde(deserialize_with = "wire::text")]
    pub catalog_name: Option<String>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// The radius within which it was looked for; the service names no unit. Version 2 only.
    #[serde(deserialize_with = "wire::number")]
    pub radius: Option<f64>,
    /// The catalogue's own columns.
    pub properties: Option<Map<String, Value>>,
    /// How far away it is, among other things; version 2 only.
    pub extra: Option<MatchExtra>,
}

/// What version 2 says beside a match.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MatchExtra {
    /// Distance from the locus; the service names no unit.
    #[serde(deserialize_with = "wire::number")]
    pub separation: Option<f64>,
}

impl Resource for CatalogMatch {
    fn wrapped(mut self, id: String) -> Self {
        self.catalog_name = id.split_once(':').map(|(catalog, _)| catalog.to_owned());
        Self { id: Some(id), ..self }
    }
}

/// An object of a catalogue, near a place or by chance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CatalogSample {
    /// Its id.
    #[serde(deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// The catalogue.
    #[serde(deserialize_with = "wire::text")]
    pub catalog_name: Option<String>,
    /// The catalogue's own columns.
    pub properties: Option<Map<String, Value>>,
    /// Where version 1 has them.
    #[serde(skip_serializing)]
    data: Option<Map<String, Value>>,
}

impl Resource for CatalogSample {
    fn wrapped(mut self, id: String) -> Self {
        self.properties = self.properties.or(self.data.take());
        Self { id: Some(id), ..self }
    }
}

/// An image that belongs to an alert.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Thumbnail {
    /// Its id, with version 2 the name of the file too.
    #[serde(deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// The media type, such as `image/png`.
    #[serde(deserialize_with = "wire::text")]
    pub filemime: Option<String>,
    /// Where it is, mostly on another host.
    #[serde(deserialize_with = "wire::text")]
    pub src: Option<String>,
    /// `template`, `science` or `difference`.
    #[serde(deserialize_with = "wire::text")]
    pub thumbnail_type: Option<String>,
}

impl Resource for Thumbnail {
    fn wrapped(self, id: String) -> Self {
        Self { id: Some(id), ..self }
    }
}

impl Thumbnail {
    /// Which of the three images it is; `None` for one of another sort.
    #[must_use]
    pub fn kind(&self) -> Option<CutoutKind> {
        let kind = self.thumbnail_type.as_deref()?.to_ascii_lowercase();
        CutoutKind::ALL.into_iter().find(|known| known.as_str() == kind)
    }

    /// The file format, from the media type or the name of the file.
    pub(super) fn format(&self) -> String {
        let mime = self.filemime.as_deref().unwrap_or_default().to_ascii_lowercase();
        let name = self.src.as_deref().unwrap_or_default().to_ascii_lowercase();
        let name = name.split(['?', '#']).next().unwrap_or_default();
        match mime.rsplit('/').next() {
            Some("jpeg" | "jpg") => "jpeg".to_owned(),
            _ if name.ends_with(".fits.gz") => "fits.gz".to_owned(),
            _ if mime.contains("fits") => "fits".to_owned(),
            Some(sort) if mime.starts_with("image/") => sort.to_owned(),
            _ => name.rsplit_once('.').map_or("unknown", |(_, end)| end).to_owned(),
        }
    }
}

/// What there is in all: the tags and catalogues that a query may name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Statistics {
    /// Its id.
    #[serde(deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// Every tag with the number of its loci.
    pub tags: BTreeMap<String, u64>,
    /// Every catalogue with the number of loci that match an object of it.
    pub catalogs: BTreeMap<String, u64>,
    /// Least number of measurements of a locus.
    #[serde(deserialize_with = "wire::number")]
    pub min_num_measurements: Option<f64>,
    /// Largest number of measurements of a locus.
    #[serde(deserialize_with = "wire::number")]
    pub max_num_measurements: Option<f64>,
}

impl Resource for Statistics {
    fn wrapped(self, id: String) -> Self {
        Self { id: Some(id), ..self }
    }
}

/// A notice of a gravitational-wave event.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct GravWaveNotice {
    /// ANTARES' number of the notice.
    #[serde(deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// GraceDB's id of the event.
    #[serde(deserialize_with = "wire::text")]
    pub gracedb_id: Option<String>,
    /// `EARLY_WARNING`, also written `EARLYWARNING`, `PRELIMINARY`, `INITIAL`, `UPDATE`, `RETRACTION`.
    #[serde(deserialize_with = "wire::text")]
    pub notice_type: Option<String>,
    /// When it was given, as the service writes it.
    #[serde(deserialize_with = "wire::text")]
    pub notice_datetime: Option<String>,
    /// When the event was, as the service writes it.
    #[serde(deserialize_with = "wire::text")]
    pub event_datetime: Option<String>,
    /// How often noise looks like this, Hz.
    #[serde(deserialize_with = "wire::number")]
    pub false_alarm_rate: Option<f64>,
    /// The map of the sky, FITS in base 64.
    #[serde(deserialize_with = "wire::text")]
    pub skymap_base64: Option<String>,
    /// What was seen at the same time by others.
    pub external_coinc: Option<Map<String, Value>>,
    /// The notice as it was given.
    pub full_notice: Option<Map<String, Value>>,
    /// Its version.
    #[serde(deserialize_with = "wire::whole")]
    pub version_id: Option<i64>,
}

impl Resource for GravWaveNotice {
    fn wrapped(self, id: String) -> Self {
        Self { id: Some(id), ..self }
    }
}

impl GravWaveNotice {
    /// When the notice was given.
    #[must_use]
    pub fn noticed(&self) -> Option<DateTime<Utc>> {
        self.notice_datetime.as_deref().and_then(time::parse_utc)
    }

    /// When the event was.
    #[must_use]
    pub fn happened(&self) -> Option<DateTime<Utc>> {
        self.event_datetime.as_deref().and_then(time::parse_utc)
    }

    /// Whether the notice takes the event back.
    #[must_use]
    pub fn is_retraction(&self) -> bool {
        self.notice_type.as_deref() == Some("RETRACTION")
    }
}

/// A resource of version 1.
#[derive(Deserialize)]
struct Wrapped<T> {
    #[serde(deserialize_with = "wire::id")]
    id: String,
    attributes: T,
}

/// The one thing that an answer holds.
pub(super) fn one<T: Resource>(version: ApiVersion, response: &Response) -> Result<T> {
    let data = listing::data(response)?;
    read(version, data.get())
}

/// The list that an answer holds; a bad row is an error in its place.
pub(super) fn list<T: Resource>(version: ApiVersion, response: &Response) -> Result<Rows<T>> {
    #[derive(Debug, Default, Deserialize)]
    struct Rest {}
    let (rows, _) = response.items::<Value, Rest>(Some("data"))?;
    Ok(Rows(rows.into_iter().map(|row| read(version, row?.raw())).collect()))
}

fn read<T: Resource>(version: ApiVersion, text: &str) -> Result<T> {
    match version {
        ApiVersion::V1 => Alert::<Wrapped<T>>::from_raw(text).map(|row| {
            let row = row.into_packet();
            row.attributes.wrapped(row.id)
        }),
        ApiVersion::V2 => Alert::<T>::from_raw(text).map(Alert::into_packet),
    }
}
