//! What else the service gives: catalogue matches, thumbnails, statistics, gravitational-wave notices.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::{Antares, AntaresAlert, ApiVersion, Locus, listing};
use crate::plugin::*;

/// Calls of ANTARES alone; [`Client::run`] carries them out.
///
/// ```no_run
/// # async fn run() -> tom_alerts::Result<()> {
/// use tom_alerts::brokers::antares::{AntaresBroker, AntaresConfig};
/// let antares = AntaresBroker::new(AntaresConfig::default())?;
/// let statistics = antares.run(Ok(antares.protocol().statistics())).await?;
/// println!("{} tags", statistics.tags.len());
/// # Ok(()) }
/// ```
///
/// Where they give `Rows`, each row that cannot be read is an error in its place. Calls about a
/// locus fail with [`ErrorKind::Input`] for an id that cannot be one, and with
/// [`ErrorKind::NotFound`] when the service has no such thing.
impl Antares {
    /// A locus with its light curve and without its history; also one that was merged into another.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of a locus.
    pub fn locus(&self, id: &str) -> Result<Call<Alert<Locus>>> {
        self.of_locus(id)?;
        Ok(Call::get(self.endpoints.get(&["loci", id]), |response| listing::one(&response)))
    }

    /// The complete history of a locus, every page of it, each alert with its own text.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of a locus.
    pub fn alerts(&self, id: &str) -> Result<Call<Vec<Result<Alert<AntaresAlert>>>>> {
        self.of_locus(id)?;
        Ok(self
            .whole_history(id)
            .map(|history| Ok(history?.into_iter().map(super::alerts::read_alert).collect())))
    }

    /// The objects of catalogues that match a locus.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of a locus.
    pub fn catalog_matches(&self, id: &str) -> Result<Call<Rows<CatalogMatch>>> {
        self.of_locus(id)?;
        Ok(self.list(self.endpoints.get(&["loci", id, "catalog-matches"])))
    }

    /// The objects of catalogues at a place in degrees.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn catalog_search(&self, ra: f64, dec: f64) -> Result<Call<Rows<CatalogSample>>> {
        sky::check_cone(ra, dec, 1.0, 1.0)?;
        Ok(self.list(self.endpoints.get(&["catalog_search", &ra.to_string(), &dec.to_string()])))
    }

    /// Some objects of each catalogue, 1 to 50, to see its columns.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for another number.
    pub fn catalog_samples(&self, n: u32) -> Result<Call<Rows<CatalogSample>>> {
        if !(1..=50).contains(&n) {
            let problems = vec![Problem::new("n", "must be within 1..=50")];
            return Err(Error::from_problems(ErrorKind::Input, problems));
        }
        Ok(self.list(self.endpoints.get(&["catalog_samples"]).query("n", n)))
    }

    /// The tags and catalogues there are now.
    #[must_use]
    pub fn statistics(&self) -> Call<Statistics> {
        self.one(self.endpoints.get(&["loci", "statistics"]))
    }

    /// The images of an alert, such as `ztf_candidate:…`; their URLs lie on another host.
    #[must_use]
    pub fn thumbnails(&self, alert_id: &str) -> Call<Rows<Thumbnail>> {
        self.list(self.endpoints.get(&["alerts", alert_id, "thumbnails"]))
    }

    /// The latest notice of a gravitational-wave event by its id at GraceDB, such as `S240930w`.
    #[must_use]
    pub fn grav_wave_notice(&self, gracedb_id: &str) -> Call<GravWaveNotice> {
        self.one(self.endpoints.get(&[self.notices(), gracedb_id, "latest"]))
    }

    /// The notice of a gravitational-wave event that was given at an instant.
    #[must_use]
    pub fn grav_wave_notice_at(&self, gracedb_id: &str, time: DateTime<Utc>) -> Call<GravWaveNotice> {
        let time = time.format("%Y-%m-%dT%H:%M:%S%.f").to_string();
        self.one(self.endpoints.get(&[self.notices(), gracedb_id, &time]))
    }

    /// The latest notices of several gravitational-wave events.
    #[must_use]
    pub fn grav_wave_notices(&self, gracedb_ids: &[&str]) -> Call<Rows<GravWaveNotice>> {
        let request = self.endpoints.get(&[self.notices(), "latest"]);
        self.list(match self.endpoints.version() {
            ApiVersion::V1 => request.query("ids", gracedb_ids.join(",")),
            ApiVersion::V2 => gracedb_ids.iter().fold(request, |request, id| request.query("ids", id)),
        })
    }

    fn notices(&self) -> &'static str {
        match self.endpoints.version() {
            ApiVersion::V1 => "grav_wave_notices",
            ApiVersion::V2 => "grav_wave_notice",
        }
    }

    fn one<T: Resource + Send + 'static>(&self, request: Request) -> Call<T> {
        let version = self.endpoints.version();
        Call::get(request, move |response| one(version, &response))
    }

    fn list<T: Resource + Send + 'static>(&self, request: Request) -> Call<Rows<T>> {
        let version = self.endpoints.version();
        Call::get(request, move |response| list(version, &response))
    }
}

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
