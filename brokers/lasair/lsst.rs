//! LSST: what its service sends of an object, and what it becomes.

use super::Lsst;
use super::endpoints::Endpoints;
use super::errors::is_old;
use super::facts::{Facts, Found, Parts};
use super::lines::Lines;
use super::listing::{Envelope, by_id, mended, no_such, placed};
use super::photometry::{LsstSource, light_curve, magnitude};
use super::sherlock::{LasairRecord, SherlockMatch, TnsEntry, said, told, told_boxed};
use super::sql::{self, WITH_SHERLOCK, WITH_TNS};
use super::survey::{Batch, LasairSurvey, Packet};
use super::ztf::ImageUrls;
use crate::plugin::*;

/// What the service sends for the last detection where its database has none.
const NO_LAST: f64 = 61_000.0;

/// Where the cutouts are.
const IMAGES: &str = "https://lasair.lsst.ac.uk/fits/";

/// An object of LSST, as Lasair lists or fetches it.
///
/// Rows of a query have `row`, and Sherlock's columns in `sherlock`; single objects have the lists
/// of sources. The methods hide the difference.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LasairLsstPacket {
    /// The object's id, every digit of it.
    #[serde(rename = "diaObjectId", deserialize_with = "wire::id")]
    pub dia_object_id: String,
    /// Distance from the centre of the cone that found it, arcsec.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub separation: Option<f64>,
    /// The row of the query that found it.
    #[serde(default)]
    pub row: Option<Box<LsstRow>>,
    /// Sherlock's match, of a row.
    #[serde(default, deserialize_with = "told_boxed")]
    pub sherlock: Option<Box<SherlockMatch>>,
    /// The entry in TNS, of a row.
    #[serde(default, rename = "TNS", deserialize_with = "told_boxed")]
    pub tns: Option<Box<TnsEntry>>,
    /// What Lasair adds to the object.
    #[serde(default, rename = "lasairData", deserialize_with = "wire::object_or_none")]
    pub lasair_data: Option<Box<LsstData>>,
    /// Rubin's object.
    #[serde(default, rename = "diaObject")]
    pub dia_object: Option<Box<LsstObject>>,
    /// Detections.
    #[serde(default, rename = "diaSourcesList")]
    pub sources: Lines<LsstSource>,
    /// Forced photometry.
    #[serde(default, rename = "diaForcedSourcesList")]
    pub forced_sources: Lines<LsstSource>,
}

/// A row of Lasair's table `objects` for LSST: the columns that a target is made of. The alert's own
/// text has every column that was asked for. A message of a filter's topic has the same columns.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstRow {
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub decl: Option<f64>,
    /// First detection, MJD **TAI**.
    #[serde(rename = "firstDiaSourceMjdTai", deserialize_with = "wire::number_or_none")]
    pub first_dia_source_mjd_tai: Option<f64>,
    /// Last detection, MJD **TAI**.
    #[serde(rename = "lastDiaSourceMjdTai", deserialize_with = "wire::number_or_none")]
    pub last_dia_source_mjd_tai: Option<f64>,
    /// Difference flux of the last detection, nJy, with its sign.
    #[serde(rename = "latest_psfFlux", deserialize_with = "wire::number_or_none")]
    pub latest_psf_flux: Option<f64>,
    /// Reliability of the last detection, 0 to 1.
    #[serde(rename = "latestR", deserialize_with = "wire::number_or_none")]
    pub latest_r: Option<f64>,
    /// Detections.
    #[serde(rename = "nDiaSources", deserialize_with = "wire::whole_or_none")]
    pub n_dia_sources: Option<i64>,
    /// Name in TNS, without the prefix.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tns_name: Option<String>,
    /// Galactic reddening E(B−V) on the line of sight, mag.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ebv: Option<f64>,
}

/// What Lasair adds to an LSST object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstData {
    /// First detection, MJD **TAI**.
    #[serde(rename = "firstDiaSourceMjdTai", deserialize_with = "wire::number_or_none")]
    pub first_dia_source_mjd_tai: Option<f64>,
    /// Last detection, MJD **TAI**.
    #[serde(rename = "lastDiaSourceMjdTai", deserialize_with = "wire::number_or_none")]
    pub last_dia_source_mjd_tai: Option<f64>,
    /// Difference flux of the last detection, nJy, with its sign.
    #[serde(rename = "latest_psfFlux", deserialize_with = "wire::number_or_none")]
    pub latest_psf_flux: Option<f64>,
    /// Reliability of the last detection, 0 to 1.
    #[serde(rename = "latestR", deserialize_with = "wire::number_or_none")]
    pub latest_r: Option<f64>,
    /// Detections.
    #[serde(rename = "nDiaSources", deserialize_with = "wire::whole_or_none")]
    pub n_dia_sources: Option<i64>,
    /// Name in TNS, without the prefix.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tns_name: Option<String>,
    /// Galactic reddening E(B−V) on the line of sight, mag.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ebv: Option<f64>,
    /// Galactic longitude, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub g_lon: Option<f64>,
    /// Galactic latitude, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub g_lat: Option<f64>,
    /// Sherlock's match; also where the service sends it as a text.
    #[serde(deserialize_with = "told")]
    pub sherlock: Option<SherlockMatch>,
    /// The entry in TNS; also where the service sends it as a text.
    #[serde(rename = "TNS", deserialize_with = "told")]
    pub tns: Option<TnsEntry>,
    /// What Lasair's annotators say.
    pub annotations: Lines<Annotation>,
    /// Where the cutouts are.
    #[serde(rename = "imageUrls")]
    pub image_urls: Lines<LsstImages>,
}

/// What an annotator says of an object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Annotation {
    /// The annotator's name.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub topic: Option<String>,
    /// Its version.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub version: Option<String>,
    /// When it said so, UTC.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub timestamp: Option<String>,
    /// What it says, in a word or as a number.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub classification: Option<String>,
    /// Why.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub explanation: Option<String>,
    /// More of it, JSON as text.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub classdict: Option<String>,
    /// Where there is more about it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub url: Option<String>,
}

/// The cutouts of an LSST detection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstImages {
    /// The detection.
    #[serde(rename = "diaSourceId", deserialize_with = "wire::text_or_none")]
    pub dia_source_id: Option<String>,
    /// The new exposure.
    #[serde(rename = "Science", deserialize_with = "wire::text_or_none")]
    pub science: Option<String>,
    /// The reference.
    #[serde(rename = "Template", deserialize_with = "wire::text_or_none")]
    pub template: Option<String>,
    /// The new exposure less the reference.
    #[serde(rename = "Difference", deserialize_with = "wire::text_or_none")]
    pub difference: Option<String>,
}

/// Rubin's object: the columns that a target is made of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstObject {
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub decl: Option<f64>,
    /// Error of the right ascension, degrees; in the plain form only.
    #[serde(rename = "raErr", deserialize_with = "wire::number_or_none")]
    pub ra_err: Option<f64>,
    /// Error of the declination, degrees; in the plain form only.
    #[serde(rename = "decErr", deserialize_with = "wire::number_or_none")]
    pub dec_err: Option<f64>,
    /// Last detection, MJD **TAI**; 61000 stands for unknown.
    #[serde(rename = "lastDiaSourceMjdTai", deserialize_with = "wire::number_or_none")]
    pub last_dia_source_mjd_tai: Option<f64>,
    /// Detections; not in every form.
    #[serde(rename = "nDiaSources", deserialize_with = "wire::whole_or_none")]
    pub n_dia_sources: Option<i64>,
}

impl LasairLsstPacket {
    /// The newest detection.
    #[must_use]
    pub fn latest(&self) -> Option<&LsstSource> {
        let dated = self.standing().filter(|row| row.midpoint_mjd_tai.is_some());
        dated.max_by(|a, b| {
            a.midpoint_mjd_tai.unwrap_or_default().total_cmp(&b.midpoint_mjd_tai.unwrap_or_default())
        })
    }

    fn light_curve(&self, id: &str) -> ReducedData {
        let lists =
            [("diaSourcesList", &self.sources, false), ("diaForcedSourcesList", &self.forced_sources, true)];
        light_curve(Lsst::FACTS.info.name, id, lists)
    }

    /// The flat record that TOM Toolkit's `get_lasair_object` makes of an object.
    #[doc(alias = "get_lasair_object")]
    #[must_use]
    pub fn record(&self) -> LasairRecord {
        let own = self.lasair_data.as_deref().and_then(|data| data.g_lon.zip(data.g_lat));
        LasairRecord::new(&self.generic(), own)
    }

    /// Sherlock's match, wherever it is.
    #[must_use]
    pub fn sherlock(&self) -> Option<&SherlockMatch> {
        self.sherlock.as_deref().or(self.lasair_data.as_ref().and_then(|data| data.sherlock.as_ref()))
    }

    /// The TNS entry, wherever it is.
    #[must_use]
    pub fn tns(&self) -> Option<&TnsEntry> {
        self.tns_as_told().filter(|entry| said(&entry.tns_name).is_some())
    }

    /// The same, also where it cannot be read or names nothing.
    fn tns_as_told(&self) -> Option<&TnsEntry> {
        self.tns.as_deref().or(self.lasair_data.as_ref().and_then(|data| data.tns.as_ref()))
    }

    /// Whether every detection was taken for an object of the solar system.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        let mut standing = self.standing().peekable();
        standing.peek().is_some() && standing.all(|row| row.ss_object_id().is_some())
    }

    /// The detections that Rubin did not withdraw.
    fn standing(&self) -> impl Iterator<Item = &LsstSource> {
        self.sources.good().filter(|row| row.withdrawn().is_none())
    }

    fn detections(&self) -> Option<i64> {
        let count = self.known(|row| row.n_dia_sources, |data| data.n_dia_sources);
        count.or(self.dia_object.as_ref().and_then(|object| object.n_dia_sources))
    }

    /// A member of the row or of what Lasair adds.
    fn known<'a, T>(
        &'a self,
        row: impl Fn(&'a LsstRow) -> Option<T>,
        data: impl Fn(&'a LsstData) -> Option<T>,
    ) -> Option<T> {
        self.row.as_deref().and_then(row).or_else(|| self.lasair_data.as_deref().and_then(data))
    }
}

impl Packet for LasairLsstPacket {
    fn bare(found: &Found) -> Self {
        Self { dia_object_id: found.id.clone(), separation: found.separation, ..Self::default() }
    }

    fn is_bare(&self) -> bool {
        self.row.is_none()
            && self.dia_object.is_none()
            && self.lasair_data.is_none()
            && self.sources.is_empty()
    }

    fn take_row(&mut self, row: &str) -> serde_json::Result<()> {
        self.row = Some(serde_json::from_str(row)?);
        Ok(())
    }

    fn surroundings(&mut self) -> (&mut Option<Box<SherlockMatch>>, &mut Option<Box<TnsEntry>>) {
        (&mut self.sherlock, &mut self.tns)
    }

    fn place(&mut self, separation: f64) {
        self.separation = Some(separation);
    }

    fn found(&self) -> Found {
        Found { id: self.dia_object_id.clone(), separation: self.separation }
    }

    fn id(&self) -> &str {
        &self.dia_object_id
    }

    fn generic(&self) -> GenericAlert {
        let (latest, object) = (self.latest(), self.dia_object.as_deref());
        let row = self.row.as_deref();
        let last = self.known(|row| row.last_dia_source_mjd_tai, |data| data.last_dia_source_mjd_tai);
        let of_object =
            || object.and_then(|object| object.last_dia_source_mjd_tai).filter(|mjd| *mjd != NO_LAST);
        let date = latest.and_then(|latest| latest.midpoint_mjd_tai).or(last).or_else(of_object);
        let mag = match latest {
            Some(latest) => latest.magnitude(),
            None => self.known(|row| row.latest_psf_flux, |data| data.latest_psf_flux).and_then(magnitude),
        };
        GenericAlert {
            timestamp: date.and_then(time::utc_from_tai_mjd),
            ra: object.and_then(|object| object.ra).or(row.and_then(|row| row.ra)),
            dec: object.and_then(|object| object.decl).or(row.and_then(|row| row.decl)),
            mag,
            score: match latest {
                Some(latest) => latest.reliability,
                None => self.known(|row| row.latest_r, |data| data.latest_r),
            },
            ..GenericAlert::new(&self.dia_object_id)
        }
    }

    fn fill(&self, target: Target) -> Target {
        let mut target = target
            .with_extra("survey", "LSST")
            .with_extra_opt("nDiaSources", self.detections())
            .with_extra_opt("ebv", self.known(|row| row.ebv, |data| data.ebv));
        target = self.sherlock().into_iter().fold(target, |target, found| found.fill(target));
        target = self.tns_as_told().into_iter().fold(target, |target, entry| entry.fill(target));
        if self.tns().is_none() {
            // Without its entry only the bare name is known.
            let name = self.known(|row| said(&row.tns_name), |data| said(&data.tns_name));
            target = name.into_iter().fold(target, |target, name| target.with_alias(name));
        }
        if self.is_moving() {
            let id = self.latest().and_then(LsstSource::ss_object_id);
            target = target.with_extra_opt("ssObjectId", id);
        }
        let annotations = self.lasair_data.iter().flat_map(|data| data.annotations.good());
        annotations.fold(target, |target, annotation| match said(&annotation.topic) {
            Some(topic) => {
                target.with_extra_opt(format!("annotation_{topic}"), said(&annotation.classification))
            }
            None => target,
        })
    }

    fn points(&self, id: &str) -> Option<ReducedData> {
        let there = !self.sources.is_empty() || !self.forced_sources.is_empty();
        there.then(|| self.light_curve(id))
    }

    fn sherlock_class(&self) -> Option<&str> {
        let told = self.sherlock().filter(|found| found.as_sent.is_none());
        told.map(|found| found.class().unwrap_or_default())
    }

    fn is_moving(&self) -> bool {
        Self::is_moving(self)
    }

    fn provenance(&self, generic: &GenericAlert) -> Provenance {
        let count = self.detections().and_then(|count| u64::try_from(count).ok());
        let object = self.dia_object.as_deref();
        let error = object.and_then(|object| Some(object.ra_err?.max(object.dec_err?) * 3600.0));
        let own = Provenance::of_object(&self.dia_object_id).observed_at(generic.timestamp);
        own.mean_of(count).with_position_error(error)
    }

    fn cutouts(&self) -> Option<Vec<Cutout>> {
        let images = &self.lasair_data.as_deref()?.image_urls;
        let taken = |id: &str| {
            let source = self.sources.good().find(|row| row.dia_source_id.as_deref() == Some(id));
            source.and_then(|row| row.midpoint_mjd_tai).unwrap_or_default()
        };
        let pictured = images.good().filter_map(|images| {
            let id = said(&images.dia_source_id)?;
            Some((taken(id), images.cutouts(id)))
        });
        let pictured = pictured.filter(|(_, links)| !links.is_empty());
        pictured.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, links)| links)
    }
}

impl LsstImages {
    fn cutouts(&self, id: &str) -> Vec<Cutout> {
        let Self { science, template, difference, .. } = self.clone();
        ImageUrls { science, template, difference }.cutouts(id)
    }
}

/// The links of a detection where the service does not give them; they are all made alike.
fn links(id: &str) -> Vec<Cutout> {
    let link = |kind: &str| Some(format!("{IMAGES}{id}_cutout{kind}"));
    let images =
        ImageUrls { science: link("Science"), template: link("Template"), difference: link("Difference") };
    images.cutouts(id)
}

/// The object, if the service knows it: of an unknown one it sends empty lists.
fn known(response: &Response, id: &str) -> Result<Alert<LasairLsstPacket>> {
    let alert = Alert::<LasairLsstPacket>::from_raw(&mended(response)?)?;
    if alert.is_bare() && alert.forced_sources.is_empty() { Err(no_such(id)) } else { Ok(alert) }
}

/// One object without what Lasair adds, with that from Lasair's tables.
fn without_additions(endpoints: &Endpoints, id: &str) -> Call<Alert<LasairLsstPacket>> {
    let found = [Found::new(id)];
    let name = id.to_owned();
    let columns = sql::columns(Lsst::FACTS, Parts { sherlock: true, tns: false });
    let row = |response: Response| {
        let rows: Vec<Box<RawValue>> = response.json()?;
        Ok(rows.first().map(|row| row.get().to_owned()))
    };
    let calls = vec![
        Call::get(endpoints.object(id, false), move |response| {
            Ok(Some(known(&response, &name)?.raw().to_owned()))
        }),
        Call::get(endpoints.rows_of(&found, &columns, WITH_SHERLOCK), row),
        Call::get(endpoints.rows_of(&found, &sql::tns_columns(Lsst::FACTS), WITH_TNS), row),
    ];
    let whole = Call::all(calls, |results| {
        let mut texts = results.into_iter().collect::<Result<Vec<_>>>()?.into_iter();
        let object = texts.next().flatten().unwrap_or_default();
        let mut text = Envelope::empty();
        if let Some(row) = texts.next().flatten() {
            text = text.part("row", &row).part("sherlock", &row);
        }
        if let Some(row) = texts.next().flatten() {
            text = text.part("TNS", &row);
        }
        Ok(Some(text.around(&object)))
    });
    whole.map(|text| Alert::from_raw(&text.unwrap_or_default()))
}

impl LasairSurvey for Lsst {
    type Packet = LasairLsstPacket;
    const FACTS: &'static Facts = &super::LSST_FACTS;

    fn batch(endpoints: &Endpoints, found: &[Found]) -> Request {
        let parts = Parts { sherlock: true, tns: false };
        endpoints.rows_of(found, &sql::columns(Self::FACTS, parts), WITH_SHERLOCK)
    }

    fn read_batch(found: &[Found], response: &Response) -> Result<Batch<LasairLsstPacket>> {
        let mut rows = by_id::<Self>(response, Parts { sherlock: true, tns: false })?;
        let take = |found: &Found| match rows.remove(&found.id) {
            Some(row) => row.map(|row| placed(row, found)),
            // Sherlock's table leaves out what Sherlock has not seen yet.
            None => {
                let text = Envelope::of(Self::FACTS.id_key, found).done();
                Ok(Alert::new(LasairLsstPacket::bare(found), text))
            }
        };
        Ok(found.iter().map(take).collect())
    }

    fn rest(endpoints: &Endpoints, found: &[Found]) -> Option<Request> {
        Some(endpoints.rows_of(found, &sql::columns(Self::FACTS, Parts::default()), "objects"))
    }

    fn object(endpoints: &Endpoints, id: &str) -> Call<Alert<LasairLsstPacket>> {
        let (own, name) = (endpoints.clone(), id.to_owned());
        Call::step(endpoints.object(id, true), move |answer| match answer {
            Err(error) if is_old(&error) => Ok(without_additions(&own, &name)),
            answer => Ok(Call::Done(known(&answer?, &name)?)),
        })
    }

    fn points(endpoints: &Endpoints, id: &str) -> Call<ReducedData> {
        let name = id.to_owned();
        Call::get(
            endpoints.object(id, false),
            move |response| Ok(known(&response, &name)?.light_curve(&name)),
        )
    }

    fn cutouts(endpoints: &Endpoints, id: &str) -> Call<Vec<Cutout>> {
        let (request, bare) = (endpoints.object(id, true), endpoints.object(id, false));
        let (name, own) = (id.to_owned(), id.to_owned());
        Call::step(request, move |answer| match answer {
            Err(error) if is_old(&error) => Ok(Call::get(bare, move |response| {
                let alert = known(&response, &own)?;
                Ok(alert.latest().and_then(|row| row.dia_source_id.as_deref()).map_or_else(Vec::new, links))
            })),
            answer => Ok(Call::Done(Packet::cutouts(&*known(&answer?, &name)?).unwrap_or_default())),
        })
    }
}
