//! `TnsPacket`: an object as the service describes it, and what it becomes.

use super::names;
use crate::plugin::*;

/// An object of TNS: from the object call, the web search or a staging file.
///
/// What a source does not have is `None`: the files and the web search bring neither photometry nor
/// spectra.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TnsPacket {
    /// The IAU name without prefix, such as `2026abc`; it stays when the prefix changes.
    #[serde(deserialize_with = "wire::id")]
    pub objname: String,
    /// `AT`, `SN`, `TDE`, …; `AT` becomes `SN` when it is classified as one.
    #[serde(default, deserialize_with = "wire::filled_or_none")]
    pub name_prefix: Option<String>,
    /// TNS's number of the object.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub objid: Option<i64>,
    /// The class; none while it is not classified.
    #[serde(default, deserialize_with = "wire::object_or_none")]
    pub object_type: Option<Named>,
    /// Redshift of the transient.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub redshift: Option<f64>,
    /// Right ascension, sexagesimal hours.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub ra: Option<String>,
    /// Declination, sexagesimal degrees.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub dec: Option<String>,
    /// Right ascension in degrees, J2000.
    #[serde(default, deserialize_with = "wire::number")]
    pub radeg: Option<f64>,
    /// Declination in degrees, J2000.
    #[serde(default, deserialize_with = "wire::number")]
    pub decdeg: Option<f64>,
    /// Error of the right ascension, arcsec.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub radeg_err: Option<f64>,
    /// Error of the declination, arcsec.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub decdeg_err: Option<f64>,
    /// The host galaxy.
    #[serde(default, deserialize_with = "wire::filled_or_none")]
    pub hostname: Option<String>,
    /// Redshift of the host.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub host_redshift: Option<f64>,
    /// Names that surveys gave it, with commas between.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub internal_names: Option<String>,
    /// The discoverer's name of it.
    #[serde(default, deserialize_with = "wire::filled_or_none")]
    pub discoverer_internal_name: Option<String>,
    /// When it was discovered, UTC.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub discoverydate: Option<String>,
    /// Who discovered it.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub discoverer: Option<String>,
    /// Who reported it.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub reporter: Option<String>,
    /// TNS's number of who reported it.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub reporterid: Option<i64>,
    /// How it was reported: `bot`, `web`.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub source: Option<String>,
    /// Brightness at discovery; nearly always a magnitude, but the unit is not told.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub discoverymag: Option<f64>,
    /// The filter of that.
    #[serde(default, deserialize_with = "wire::object_or_none")]
    pub discmagfilter: Option<MagFilter>,
    /// The group that reported it.
    #[serde(default, deserialize_with = "wire::object_or_none")]
    pub reporting_group: Option<Group>,
    /// The group whose data it was found in.
    #[serde(default, deserialize_with = "wire::object_or_none")]
    pub discovery_data_source: Option<Group>,
    /// Whether everybody may see it.
    #[serde(default, deserialize_with = "wire::flag_or_none")]
    pub public: Option<bool>,
    /// When it is no longer proprietary.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub end_prop_period: Option<String>,
    /// When it was last changed, UTC; staging files only.
    #[serde(default, deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub lastmodified: Option<String>,
    /// Bibcode of the discovery report; staging files and web search only.
    #[serde(default, deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub discovery_bibcode: Option<String>,
    /// Bibcodes of the classification reports; staging files and web search only.
    #[serde(default, deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub classification_bibcodes: Option<String>,
    /// Photometry as it came; [`photometry`](Self::photometry) reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) photometry: Option<Box<RawValue>>,
    /// Spectra as they came; [`spectra`](Self::spectra) reads them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) spectra: Option<Box<RawValue>>,
}

/// A number of one of the service's lists with its label.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    /// The label.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub name: Option<String>,
    /// The number.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub id: Option<i64>,
}

/// The filter of the discovery.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MagFilter {
    /// The number in the list of filters.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub id: Option<i64>,
    /// Its short name, such as `g`.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub name: Option<String>,
    /// Whose filter, such as `ZTF`.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub family: Option<String>,
}

/// A group of people.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// The number in the list of groups.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub groupid: Option<i64>,
    /// Its name.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub group_name: Option<String>,
}

/// A measurement of an object's brightness.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PhotometryRow {
    /// When, UTC.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub obsdate: Option<String>,
    /// When, as a Julian date in UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jd: Option<f64>,
    /// Flux or magnitude, by the unit; none for a non-detection.
    #[serde(deserialize_with = "wire::number")]
    pub flux: Option<f64>,
    /// Its error; 0 means unknown.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub fluxerr: Option<f64>,
    /// What could just have been seen.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub limflux: Option<f64>,
    /// Unit of the three; 1 to 3 are magnitudes.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub flux_unit: Option<Named>,
    /// The instrument.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub instrument: Option<Named>,
    /// The telescope.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub telescope: Option<Named>,
    /// The filter; its short name is ambiguous, its number is not.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub filters: Option<Named>,
    /// Exposure time, s; none for a text such as `3x600`.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub exptime: Option<f64>,
    /// Who observed.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub observer: Option<String>,
    /// Remarks; `[Last non detection]` marks that of the report.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub remarks: Option<String>,
}

/// A spectrum of an object: where its file is, and how it was taken.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SpectrumRow {
    /// When, UTC.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub obsdate: Option<String>,
    /// When, as a Julian date in UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jd: Option<f64>,
    /// Exposure time, s; none for a text such as `3x600`.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub exptime: Option<f64>,
    /// Who observed.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub observer: Option<String>,
    /// Who reduced it.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub reducer: Option<String>,
    /// The instrument.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub instrument: Option<Named>,
    /// The telescope.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub telescope: Option<Named>,
    /// The group that gave it.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub source_group: Option<Named>,
    /// The same, by name.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub source_group_name: Option<String>,
    /// Address of the ASCII file.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub asciifile: Option<String>,
    /// Address of the FITS file.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub fitsfile: Option<String>,
    /// Remarks.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub remarks: Option<String>,
}

impl Named {
    /// The number, where it can be one of a list.
    pub(super) fn number(&self) -> Option<u32> {
        u32::try_from(self.id?).ok()
    }
}

impl TnsPacket {
    /// Prefix and name as people write them, without a blank: `SN2026abc`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}{}", self.prefix().unwrap_or_default(), self.objname)
    }

    /// The prefix, where it can be one.
    pub(super) fn prefix(&self) -> Option<&str> {
        let prefix = self.name_prefix.as_deref()?.trim();
        ((1..=5).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_alphabetic())).then_some(prefix)
    }

    /// Right ascension and declination in degrees: the numbers, else the sexagesimal texts.
    #[must_use]
    pub fn position(&self) -> Option<(f64, f64)> {
        let ra = self.radeg.or_else(|| sky::parse_ra(self.ra.as_deref()?))?;
        let dec = self.decdeg.or_else(|| sky::parse_dec(self.dec.as_deref()?))?;
        Some((ra, dec))
    }

    /// Error of the position, arcsec: the larger one of its two; `None` where one of them is not stated
    /// or is 0, which stands for unknown.
    #[must_use]
    pub fn position_error(&self) -> Option<f64> {
        let stated = |error: Option<f64>| error.filter(|error| *error > 0.0);
        Some(stated(self.radeg_err)?.max(stated(self.decdeg_err)?))
    }

    /// When it was discovered.
    #[must_use]
    pub fn discovered(&self) -> Option<DateTime<Utc>> {
        time::parse_utc(self.discoverydate.as_deref()?)
    }

    /// The newest time that is known of it: of its photometry and spectra; without these, when TNS last
    /// changed it; without that, when it was discovered.
    #[must_use]
    pub fn newest(&self) -> Option<DateTime<Utc>> {
        let rows = self.photometry().unwrap_or_default().into_iter().flatten();
        let measured = rows.filter(|row| row.measured().or(row.depth()).is_some());
        let photometry = measured.filter_map(|row| row.instant().ok());
        let rows = self.spectra().unwrap_or_default().into_iter().flatten();
        let spectra = rows.filter_map(|row| instant(row.jd, row.obsdate.as_deref()).ok());
        let changed = || time::parse_utc(self.lastmodified.as_deref()?);
        photometry.chain(spectra).max().or_else(changed).max(self.discovered())
    }

    /// The class, once it is classified.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.object_type.as_ref()?.name.as_deref()
    }

    /// The names that surveys gave it.
    pub fn survey_names(&self) -> impl Iterator<Item = &str> {
        let all = self.internal_names.as_deref().unwrap_or_default();
        names::listed(all).chain(self.discoverer_internal_name.as_deref())
    }

    /// The measurements, where the packet brings them; one that cannot be read is an error in its
    /// place.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when there is no list.
    pub fn photometry(&self) -> Result<Rows<PhotometryRow>> {
        rows(self.photometry.as_deref(), "photometry")
    }

    /// The spectra, likewise.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when there is no list.
    pub fn spectra(&self) -> Result<Rows<SpectrumRow>> {
        rows(self.spectra.as_deref(), "spectra")
    }

    /// The measurements, each with what of it could not be read.
    pub(super) fn partly_photometry(&self) -> Result<Rows<Partly<PhotometryRow>>> {
        rows(self.photometry.as_deref(), "photometry")
    }

    /// The spectra, likewise.
    pub(super) fn partly_spectra(&self) -> Result<Rows<Partly<SpectrumRow>>> {
        rows(self.spectra.as_deref(), "spectra")
    }

    /// Whether photometry and spectra came with it.
    pub(super) fn is_whole(&self) -> bool {
        self.photometry.is_some() && self.spectra.is_some()
    }

    /// The brightness at discovery where it can be a magnitude: no measurement says that it is a flux.
    fn discovery_magnitude(&self) -> Option<f64> {
        // A flux in physical units is a tiny number, and a magnitude is hardly ever 0.
        const LEAST: f64 = 1e-6;
        let value = points::magnitude(self.discoverymag).filter(|value| value.abs() > LEAST)?;
        let rows = self.photometry().unwrap_or_default().into_iter().flatten();
        let same: Vec<_> = rows.filter(|row| row.flux == Some(value) && row.has_unit()).collect();
        // A row without a unit is no evidence for either.
        (same.is_empty() || same.iter().any(PhotometryRow::is_magnitude)).then_some(value)
    }

    pub(super) fn generic(&self, url: Url) -> GenericAlert {
        let (ra, dec) = self.position().unzip();
        GenericAlert {
            timestamp: self.discovered(),
            name: self.name(),
            ra,
            dec,
            mag: self.discovery_magnitude(),
            score: Some(if self.class().is_some() { 1.0 } else { 0.0 }),
            url: Some(url),
            ..GenericAlert::new(&self.objname)
        }
    }

    /// Whose object it is: TNS's number of it stays when AT becomes SN or TDE; without the number the
    /// name without its prefix, which stays too.
    pub(super) fn provenance(&self) -> Provenance {
        let number = self.objid.filter(|number| *number > 0).map(|number| number.to_string());
        Provenance::of_object(number.unwrap_or_else(|| self.objname.clone()))
            .observed_at(self.newest())
            .with_position_error(self.position_error())
    }

    /// The target; extras of an odd shape are kept as they stand in the text of the packet.
    pub(super) fn target(&self, raw: &str, generic: &GenericAlert) -> Result<Target> {
        let mut target = generic.to_target()?.with_epoch(2000.0).with_alias(&self.objname);
        if self.was_named_at() {
            target = target.with_alias(format!("AT{}", self.objname));
        }
        let target = self.survey_names().fold(target, Target::with_alias);
        let group = |group: &Option<Group>| group.as_ref().and_then(|group| group.group_name.clone());
        let target = target
            .with_extra_opt("objid", self.objid)
            .with_extra_opt("name_prefix", self.prefix())
            .with_extra_opt("classification", self.class())
            .with_extra_opt("redshift", self.redshift)
            .with_extra_opt("hostname", self.hostname.as_deref())
            .with_extra_opt("host_redshift", self.host_redshift)
            .with_extra_opt("discoverydate", self.discoverydate.as_deref())
            .with_extra_opt("discoverymag", self.discoverymag)
            .with_extra_opt("reporting_group", group(&self.reporting_group))
            .with_extra_opt("discovery_data_source", group(&self.discovery_data_source));
        Ok(unread(raw, self).into_iter().fold(target, |target, odd| match extra_of(&odd.field) {
            Some(key) if !target.extras.contains_key(key) => target.with_extra(key, odd.text()),
            _ => target,
        }))
    }

    /// Objects are AT before they are SN or TDE, since TNS names them: from 2016 on. Radio bursts are
    /// never.
    fn was_named_at(&self) -> bool {
        let year = self.objname.get(..4).and_then(|year| year.parse::<u32>().ok());
        self.prefix().is_some_and(|prefix| prefix != "AT" && prefix != "FRB")
            && year.is_some_and(|year| year >= 2016)
    }

    pub(super) fn classifications(&self) -> Vec<Classification> {
        let class = self.class().map(|class| Classification {
            classifier: super::NAME.to_owned(),
            class: class.to_owned(),
            rank: Some(1),
            ..Classification::default()
        });
        class.into_iter().collect()
    }
}

/// The extra of a target that a field of the packet is.
fn extra_of(field: &str) -> Option<&'static str> {
    const EXTRAS: [(&str, &str); 9] = [
        ("objid", "objid"),
        ("object_type", "classification"),
        ("redshift", "redshift"),
        ("hostname", "hostname"),
        ("host_redshift", "host_redshift"),
        ("discoverydate", "discoverydate"),
        ("discoverymag", "discoverymag"),
        ("reporting_group", "reporting_group"),
        ("discovery_data_source", "discovery_data_source"),
    ];
    let whole = field.split('.').next().unwrap_or(field);
    EXTRAS.iter().find(|(known, _)| *known == whole).map(|(_, extra)| *extra)
}

fn rows<T: serde::de::DeserializeOwned>(list: Option<&RawValue>, name: &'static str) -> Result<Rows<T>> {
    match list.map(RawValue::get) {
        None | Some("{}" | "\"\"") => Ok(Rows::default()),
        Some(text) => super::envelope::read(text).map_err(|e| e.with("list", name)),
    }
}

impl PhotometryRow {
    /// Whether the numbers are magnitudes: units 1 to 3 are AB, ST and Vega.
    #[must_use]
    pub fn is_magnitude(&self) -> bool {
        matches!(self.unit_number(), Some(1..=3))
    }

    /// Whether a unit is given; a row without one has neither a magnitude nor a flux for sure.
    pub(super) fn has_unit(&self) -> bool {
        self.flux_unit.as_ref().is_some_and(|unit| unit.id.is_some() || unit.name.is_some())
    }

    /// The number of the unit; magnitudes are known by their labels too.
    pub(super) fn unit_number(&self) -> Option<u32> {
        let unit = self.flux_unit.as_ref()?;
        let label = unit.name.as_deref().unwrap_or_default();
        let labelled = || ["ABMag", "STMag", "VegaMag"].iter().position(|m| m.eq_ignore_ascii_case(label));
        unit.number().or_else(|| u32::try_from(labelled()? + 1).ok())
    }

    /// The flux or magnitude, where it can be one: no transient is of magnitude 0, which stands for
    /// nothing, as 99 does.
    #[must_use]
    pub fn measured(&self) -> Option<f64> {
        self.flux.filter(|value| self.is_value(*value))
    }

    /// What could just have been seen, where it can be that.
    #[must_use]
    pub fn depth(&self) -> Option<f64> {
        self.limflux.filter(|value| self.is_value(*value))
    }

    fn is_value(&self, value: f64) -> bool {
        !self.is_magnitude() || (value != 0.0 && points::magnitude(Some(value)).is_some())
    }

    /// Whether something was seen.
    #[must_use]
    pub fn is_detection(&self) -> bool {
        self.measured().is_some_and(|value| self.is_magnitude() || value > 0.0)
    }

    /// When it was measured: the Julian date, which is UTC, else the text.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when there is neither.
    pub fn instant(&self) -> Result<DateTime<Utc>> {
        instant(self.jd, self.obsdate.as_deref())
    }
}

pub(super) fn instant(jd: Option<f64>, text: Option<&str>) -> Result<DateTime<Utc>> {
    match (jd.and_then(time::utc_from_jd), text.and_then(time::parse_utc)) {
        // The text has whole seconds or more digits; a JD in one number resolves 40 µs, but where it
        // is cut to seven digits the two differ by milliseconds and the text is the better one.
        (Some(jd), Some(text)) if (jd - text).num_milliseconds().abs() <= 20 => Ok(text),
        (Some(jd), _) => Ok(jd),
        (None, Some(text)) => Ok(text),
        (None, None) => points::instant(jd, time::utc_from_jd),
    }
}
