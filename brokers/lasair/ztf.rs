//! ZTF: what its service sends of an object, and what it becomes.

use super::Ztf;
use super::batch::Object;
use super::endpoints::Endpoints;
use super::errors::plain;
use super::facts::{Facts, Found};
use super::lines::Lines;
use super::listing::{mended, no_such, placed};
use super::sherlock::{LasairRecord, SherlockMatch, TnsEntry, told_boxed};
use super::survey::{Batch, LasairSurvey, Packet};
use crate::plugin::*;

/// MJD 0 as a JD.
const MJD_ZERO: f64 = 2_400_000.5;

/// An object of ZTF, as Lasair lists or fetches it.
///
/// Whole objects have `object_data` and `candidates`, rows of a query have `row`. The methods hide
/// the difference.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LasairPacket {
    /// The object's id.
    #[serde(rename = "objectId", deserialize_with = "wire::id")]
    pub object_id: String,
    /// Distance from the centre of the cone that found it, arcsec.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub separation: Option<f64>,
    /// The row of the query that found it.
    #[serde(default)]
    pub row: Option<Box<ZtfRow>>,
    /// What is known of the object.
    #[serde(default, rename = "objectData")]
    pub object_data: Option<Box<ZtfObjectData>>,
    /// Detections and upper limits in one list; a detection is what has a `candid`.
    #[serde(default)]
    pub candidates: Lines<ZtfCandidate>,
    /// Forced photometry.
    #[serde(default)]
    pub forcedphot: Lines<ZtfForced>,
    /// Sherlock's match.
    #[serde(default, deserialize_with = "told_boxed")]
    pub sherlock: Option<Box<SherlockMatch>>,
    /// The entry in TNS.
    #[serde(default, rename = "TNS", deserialize_with = "told_boxed")]
    pub tns: Option<Box<TnsEntry>>,
    /// Detections brighter than the reference.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub count_isdiffpos: Option<i64>,
    /// Detections fainter than the reference.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub count_isdiffneg: Option<i64>,
    /// Detections.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub count_all_candidates: Option<i64>,
    /// Upper limits.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub count_noncandidate: Option<i64>,
}

/// What Lasair knows of a ZTF object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfObjectData {
    /// Detections.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub ncand: Option<i64>,
    /// Mean right ascension, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub ramean: Option<f64>,
    /// Mean declination, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub decmean: Option<f64>,
    /// Galactic longitude, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub glonmean: Option<f64>,
    /// Galactic latitude, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub glatmean: Option<f64>,
    /// First detection, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdmin: Option<f64>,
    /// Last detection, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdmax: Option<f64>,
    /// First detection, MJD UTC.
    #[serde(rename = "discMjd", deserialize_with = "wire::number_or_none")]
    pub disc_mjd: Option<f64>,
    /// Its magnitude with error, in words: `18.13±0.06`.
    #[serde(rename = "discMag", deserialize_with = "wire::text_or_none")]
    pub disc_mag: Option<String>,
    /// Its band.
    #[serde(rename = "discFilter", deserialize_with = "wire::text_or_none")]
    pub disc_filter: Option<String>,
    /// Brightest detection, MJD UTC.
    #[serde(rename = "peakMjd", deserialize_with = "wire::number_or_none")]
    pub peak_mjd: Option<f64>,
    /// Its magnitude with error, in words.
    #[serde(rename = "peakMag", deserialize_with = "wire::text_or_none")]
    pub peak_mag: Option<String>,
    /// Its band.
    #[serde(rename = "peakFilter", deserialize_with = "wire::text_or_none")]
    pub peak_filter: Option<String>,
}

/// A row of Lasair's table `objects` for ZTF: the columns that a target is made of. The alert's own
/// text has every column that was asked for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfRow {
    /// Mean right ascension, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub ramean: Option<f64>,
    /// Mean declination, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub decmean: Option<f64>,
    /// Galactic longitude, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub glonmean: Option<f64>,
    /// Galactic latitude, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub glatmean: Option<f64>,
    /// First detection, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdmin: Option<f64>,
    /// Last detection, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdmax: Option<f64>,
    /// Last detection in g, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdgmax: Option<f64>,
    /// Last detection in r, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdrmax: Option<f64>,
    /// Its magnitude in g.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub gmag: Option<f64>,
    /// Its magnitude in r.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub rmag: Option<f64>,
    /// Detections.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub ncand: Option<i64>,
}

impl ZtfRow {
    /// The magnitude of the later of the last detections in g and r.
    fn magnitude(&self) -> Option<f64> {
        let last = |jd: Option<f64>| jd.unwrap_or(f64::NEG_INFINITY);
        let red = last(self.jdrmax) > last(self.jdgmax) || self.jdgmax.is_none() && self.gmag.is_none();
        points::magnitude(if red { self.rmag } else { self.gmag })
    }
}

/// A detection or an upper limit of ZTF.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfCandidate {
    /// ZTF's id of the detection; an upper limit has none.
    #[serde(deserialize_with = "wire::whole")]
    pub candid: Option<i64>,
    /// Start of the exposure, JD UTC.
    #[serde(deserialize_with = "wire::number")]
    pub jd: Option<f64>,
    /// The same as MJD; not in every form.
    #[serde(deserialize_with = "wire::number")]
    pub mjd: Option<f64>,
    /// Band: 1 g, 2 r, 3 i.
    #[serde(deserialize_with = "wire::whole")]
    pub fid: Option<i64>,
    /// ZTF's number of the night.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub nid: Option<i64>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
    /// Magnitude of the difference image; of an upper limit a copy of `diffmaglim`.
    #[serde(deserialize_with = "wire::number")]
    pub magpsf: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmapsf: Option<f64>,
    /// Depth of an exposure that did not detect the object.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub diffmaglim: Option<f64>,
    /// Magnitude of the nearest source of the reference image.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magnr: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmagnr: Option<f64>,
    /// Zero point of the exposure.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magzpsci: Option<f64>,
    /// Whether the object was brighter than in the reference image.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub isdiffpos: Option<bool>,
    /// Distance to the nearest object of the solar system, arcsec; −999 is none.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ssdistnr: Option<f64>,
    /// Its name; the texts `null` and `-999.0` are none. Its predicted magnitude is not given.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub ssnamenr: Option<String>,
    /// Real-bogus score by deep learning, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub drb: Option<f64>,
    /// Its cutouts.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub image_urls: Option<Box<ImageUrls>>,
}

/// Where the three cutouts of a detection are, as FITS files.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ImageUrls {
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

impl ImageUrls {
    /// The links of these images; a text that is no URL of the web is none.
    pub(super) fn cutouts(&self, source_id: &str) -> Vec<Cutout> {
        let all = CutoutKind::ALL.into_iter().zip([&self.science, &self.template, &self.difference]);
        let link = |(kind, text): (CutoutKind, &Option<String>)| {
            let url =
                Url::parse(text.as_deref()?).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
            let source_id = Some(source_id.to_owned());
            Some(Cutout { kind, format: "fits".to_owned(), source_id, url: Some(url), bytes: None })
        };
        all.filter_map(link).collect()
    }
}

/// A point of ZTF's forced photometry.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfForced {
    /// Start of the exposure, JD UTC.
    #[serde(deserialize_with = "wire::number")]
    pub jd: Option<f64>,
    /// The same as MJD.
    #[serde(deserialize_with = "wire::number")]
    pub mjd: Option<f64>,
    /// Band: 1 g, 2 r, 3 i.
    #[serde(deserialize_with = "wire::whole")]
    pub fid: Option<i64>,
    /// Difference flux in counts; −99999 is unknown.
    #[serde(deserialize_with = "wire::number")]
    pub forcediffimflux: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub forcediffimfluxunc: Option<f64>,
    /// Magnitude of one count.
    #[serde(deserialize_with = "wire::number")]
    pub magzpsci: Option<f64>,
    /// Right ascension where it was measured, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ranr: Option<f64>,
    /// Declination where it was measured, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub decnr: Option<f64>,
}

impl LasairPacket {
    /// The newest detection, wherever it stands among the limits.
    #[must_use]
    pub fn latest(&self) -> Option<&ZtfCandidate> {
        let found = self.candidates.good().filter(|row| row.candid.is_some() && row.date().is_some());
        found.max_by(|a, b| a.date().unwrap_or_default().total_cmp(&b.date().unwrap_or_default()))
    }

    /// The flat record that TOM Toolkit's `get_lasair_object` makes of an object.
    ///
    /// ```
    /// use tom_alerts::brokers::lasair::LasairPacket;
    /// let object: LasairPacket = serde_json::from_str(r#"{
    ///     "objectId": "ZTF20aaelulu", "objectData": {"ramean": 185.73, "decmean": 15.82},
    ///     "candidates": [{"jd": 2459001.5, "fid": 1, "diffmaglim": 20.1, "magpsf": 20.1},
    ///                    {"candid": 7, "jd": 2459000.5, "fid": 1, "magpsf": 18.5}]
    /// }"#)?;
    /// let record = object.record();
    /// assert_eq!((record.timestamp, record.mag), (Some(59000.0), Some(18.5)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[doc(alias = "get_lasair_object")]
    #[must_use]
    pub fn record(&self) -> LasairRecord {
        let data = self.object_data.as_deref();
        let own = data.and_then(|data| data.glonmean.zip(data.glatmean));
        let row = self.row.as_deref().and_then(|row| row.glonmean.zip(row.glatmean));
        LasairRecord::new(&self.generic(), own.or(row))
    }

    /// Whether it is a known object of the solar system: every detection lies at the predicted place of one.
    /// A fixed object that one has passed has other detections too.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        let mut found = self.candidates.good().filter(|row| row.candid.is_some()).peekable();
        found.peek().is_some() && found.all(ZtfCandidate::is_known_object)
    }

    fn detections(&self) -> Option<i64> {
        self.object_data.as_ref().and_then(|data| data.ncand).or(self.row.as_ref().and_then(|row| row.ncand))
    }
}

impl ZtfCandidate {
    /// MJD, UTC.
    fn date(&self) -> Option<f64> {
        self.mjd.or(self.jd.map(|jd| jd - MJD_ZERO))
    }

    /// The name of the nearest object of the solar system.
    fn near(&self) -> Option<&str> {
        let name = self.ssnamenr.as_deref().map(str::trim);
        name.filter(|name| !["", "null", "-999.0"].contains(name))
    }

    /// Whether it is the nearest object of the solar system. Lasair keeps no predicted magnitude, so the
    /// name stands for one.
    fn is_known_object(&self) -> bool {
        sky::is_known_object(self.ssdistnr, self.near().map(|_| 0.0))
    }

    /// The magnitude, where it is a brightness.
    fn brightness(&self) -> Option<f64> {
        points::magnitude(self.magpsf).filter(|_| self.isdiffpos != Some(false))
    }
}

impl Packet for LasairPacket {
    fn bare(found: &Found) -> Self {
        Self { object_id: found.id.clone(), separation: found.separation, ..Self::default() }
    }

    fn is_bare(&self) -> bool {
        self.object_data.is_none() && self.row.is_none() && self.candidates.is_empty()
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
        Found { id: self.object_id.clone(), separation: self.separation }
    }

    fn id(&self) -> &str {
        &self.object_id
    }

    fn generic(&self) -> GenericAlert {
        let (latest, row, data) = (self.latest(), self.row.as_deref(), self.object_data.as_deref());
        let last = data.and_then(|data| data.jdmax).or(row.and_then(|row| row.jdmax));
        let date = latest.and_then(ZtfCandidate::date).or(last.map(|jd| jd - MJD_ZERO));
        let mag = match latest {
            Some(latest) => latest.brightness(),
            None => row.and_then(ZtfRow::magnitude),
        };
        GenericAlert {
            timestamp: date.and_then(time::utc_from_mjd),
            ra: data.and_then(|data| data.ramean).or(row.and_then(|row| row.ramean)),
            dec: data.and_then(|data| data.decmean).or(row.and_then(|row| row.decmean)),
            mag,
            score: latest.and_then(|latest| latest.drb),
            ..GenericAlert::new(&self.object_id)
        }
    }

    fn fill(&self, target: Target) -> Target {
        let target = target.with_extra("survey", "ZTF").with_extra_opt("ncand", self.detections());
        let target = match self.latest().filter(|_| self.is_moving()) {
            Some(latest) => {
                target.with_extra_opt("ssnamenr", latest.near()).with_extra_opt("ssdistnr", latest.ssdistnr)
            }
            None => target,
        };
        let target = self.sherlock.iter().fold(target, |target, found| found.fill(target));
        self.tns.iter().fold(target, |target, entry| entry.fill(target))
    }

    fn is_moving(&self) -> bool {
        Self::is_moving(self)
    }

    fn provenance(&self, generic: &GenericAlert) -> Provenance {
        let count = self.detections().and_then(|count| u64::try_from(count).ok());
        Provenance::of_object(&self.object_id).observed_at(generic.timestamp).mean_of(count)
    }

    fn points(&self, id: &str) -> Option<ReducedData> {
        (!self.candidates.is_empty()).then(|| light_curve(id, self))
    }

    fn sherlock_class(&self) -> Option<&str> {
        let told = self.sherlock.as_ref().filter(|found| found.as_sent.is_none());
        told.map(|found| found.class().unwrap_or_default())
    }

    fn cutouts(&self) -> Option<Vec<Cutout>> {
        let pictured = self.candidates.good().filter_map(|row| {
            let urls = row.image_urls.as_deref()?;
            Some((row.date()?, urls.cutouts(&row.candid?.to_string())))
        });
        let pictured = pictured.filter(|(_, links)| !links.is_empty());
        pictured.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, links)| links)
    }
}

fn candidate(row: &ZtfCandidate) -> points::Read<Photometry> {
    let time = points::instant(row.date(), time::utc_from_mjd)?;
    let mut found = points::of_ztf(row.fid, row.candid.map(|candid| candid.to_string()))?;
    if row.candid.is_none() {
        let Some(limit) = points::magnitude(row.diffmaglim) else { return Ok(None) };
        found.limit = Some(limit);
        return Ok(Some((time, found)));
    }
    let Some(magnitude) = points::magnitude(row.magpsf) else { return Ok(None) };
    found.set_difference(magnitude, row.isdiffpos);
    found.error = points::magnitude_error(row.sigmapsf);
    let extra = &mut found.extra;
    points::keep_isdiffpos(extra, row.isdiffpos);
    points::keep(extra, "drb", row.drb);
    points::keep(extra, "magnr", points::magnitude(row.magnr));
    points::keep(extra, "sigmagnr", points::magnitude_error(row.sigmagnr));
    points::keep(extra, "magzpsci", points::magnitude(row.magzpsci));
    let near = row.near();
    points::keep(extra, "ssnamenr", near);
    points::keep(extra, "ssdistnr", row.ssdistnr.filter(|_| near.is_some()));
    Ok(Some((time, found)))
}

fn forced(row: &ZtfForced) -> points::Read<Photometry> {
    const UNKNOWN: f64 = -99_999.0;
    let date = row.mjd.or(row.jd.map(|jd| jd - MJD_ZERO));
    let time = points::instant(date, time::utc_from_mjd)?;
    let flux = row.forcediffimflux.filter(|flux| *flux != UNKNOWN);
    let (Some(flux), Some(error), Some(zero)) =
        (flux, row.forcediffimfluxunc, points::magnitude(row.magzpsci))
    else {
        return Ok(None);
    };
    let Some(measured) = Photometry::from_flux(flux, error, "DN", zero) else { return Ok(None) };
    let mut found = Photometry { forced: true, ..points::of_ztf(row.fid, None)? };
    (found.magnitude, found.error, found.limit) = (measured.magnitude, measured.error, measured.limit);
    found.negative_magnitude = measured.negative_magnitude;
    (found.flux, found.flux_error, found.flux_unit) =
        (measured.flux, measured.flux_error, measured.flux_unit);
    points::keep(&mut found.extra, "magzpsci", Some(zero));
    Ok(Some((time, found)))
}

/// The points of an object in any of its forms.
pub(super) fn light_curve(id: &str, packet: &LasairPacket) -> ReducedData {
    let mut points = Points::new(Ztf::FACTS.info.name, id);
    points.rows("candidates", packet.candidates.each(), candidate);
    points.rows("forcedphot", packet.forcedphot.each(), forced);
    points.note_left_out("candidates", packet.candidates.left_out);
    points.note_left_out("forcedphot", packet.forcedphot.left_out);
    points.done()
}

/// The object, if the service knows it: of an unknown one it sends empty lists.
fn known(response: &Response, id: &str) -> Result<LasairPacket> {
    let packet: LasairPacket = response.json()?;
    let empty = packet.candidates.is_empty() && packet.forcedphot.is_empty();
    if empty { Err(no_such(id)) } else { Ok(packet) }
}

impl LasairSurvey for Ztf {
    type Packet = LasairPacket;
    const FACTS: &'static Facts = &super::ZTF_FACTS;

    fn batch(endpoints: &Endpoints, found: &[Found]) -> Request {
        let ids: Vec<_> = found.iter().map(|found| found.id.as_str()).collect();
        endpoints.post(&["objects"]).form("objectIds", ids.join(","))
    }

    fn read_batch(found: &[Found], response: &Response) -> Result<Batch<LasairPacket>> {
        let items = read_objects(response)?;
        let read = |(at, item): (usize, Result<Alert<LasairPacket>>)| {
            let asked = found.get(at);
            let item = item.map_err(|e| asked.iter().fold(e, |e, found| e.with("id", &found.id)))?;
            // The list is as it was asked for; should it not be, the id decides.
            let own = asked.filter(|found| found.id == item.object_id);
            let own = own.or_else(|| found.iter().find(|found| found.id == item.object_id));
            Ok(match own {
                Some(own) => placed(item, own),
                None => item,
            })
        };
        let mut all: Vec<_> = items.into_iter().enumerate().map(read).collect();
        // An answer that is too short has not said anything of those that are not in it.
        let short = |found: &Found| {
            Error::new(ErrorKind::Unreadable, "the answer says nothing of this object").with("id", &found.id)
        };
        let lacking = found.len().saturating_sub(all.len());
        let told = |(at, found): &(usize, &Found)| {
            all.get(*at).is_some_and(Result::is_err)
                || all.iter().flatten().any(|alert| alert.object_id == found.id)
        };
        let missing = found.iter().enumerate().filter(|place| !told(place));
        let missing: Vec<_> = missing.map(|(_, found)| Err(short(found))).take(lacking).collect();
        all.extend(missing);
        Ok(all)
    }

    fn rest(_: &Endpoints, _: &[Found]) -> Option<Request> {
        None
    }

    fn object(endpoints: &Endpoints, id: &str) -> Call<Alert<LasairPacket>> {
        let (id, raw) = (id.to_owned(), endpoints.object(id, false));
        // The service breaks at an object that it does not know: asked again it would only break again.
        let request = endpoints.object(&id, true).accept_status(500);
        Call::step(request, move |answer| {
            let answer = answer?;
            if answer.status() != 500 {
                return Ok(Call::Done(Alert::from_raw(&mended(&answer)?)?));
            }
            Ok(Call::get(raw, move |response| {
                known(&response, &id)?;
                let text = "the service failed for an object that it has; try again later";
                Err(Error::new(ErrorKind::Status, text).with_status(500).retryable(true))
            }))
        })
    }

    fn points(endpoints: &Endpoints, id: &str) -> Call<ReducedData> {
        let name = id.to_owned();
        Call::get(endpoints.object(id, false), move |response| {
            Ok(light_curve(&name, &known(&response, &name)?))
        })
    }

    fn cutouts(endpoints: &Endpoints, id: &str) -> Call<Vec<Cutout>> {
        Self::object(endpoints, id).map(|alert| Ok(Packet::cutouts(&*alert).unwrap_or_default()))
    }
}

/// The objects of a batch in their order; an unknown one and a failure are errors in their places.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when it is no list.
pub(super) fn read_objects(response: &Response) -> Result<Batch<LasairPacket>> {
    #[derive(Deserialize)]
    struct Rest {}
    let (items, Rest {}) = response.items::<Object<LasairPacket>, Rest>(None)?;
    let read = |item: Result<Alert<Object<LasairPacket>>>| {
        item?.map(|object| match object {
            Object::Whole(packet) => Ok(packet),
            Object::Failed(said) => {
                let text = format!("the service failed for this object: {}", plain(&said));
                Err(Error::new(ErrorKind::Status, text))
            }
            Object::Unknown => Err(Error::new(ErrorKind::NotFound, "no such object")),
        })
    };
    Ok(items.into_iter().map(read).collect())
}
