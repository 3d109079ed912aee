//! `Body`: what a JSON message of Hopskotch is about, in whichever format it is written.

use super::message::HermesMessage;
use super::points::{arcsec, photometry};
use super::rows::HermesTarget;
use super::words::{degrees, instant};
use crate::plugin::*;

/// A JSON message of Hopskotch: in Hermes' format, a target or observation of TOM Toolkit, a circular,
/// or anything else. Hermes and SCIMMA read every message by it.
///
/// ```
/// use tom_alerts::brokers::hopskotch::Body;
///
/// let message = r#"{"type": "target", "target_name": "AT2026xyz", "ra": "10:00:00", "dec": -7.5}"#;
/// let body = Body::read(message).unwrap();
/// assert_eq!((body.name(), body.position()), (Some("AT2026xyz"), Some((150.0, -7.5))));
/// assert!(Body::read(r#"["AT2026xyz", 150.0, -7.5]"#).is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Body {
    /// The message in Hermes' format. A message that has its object at its top, as TOM Toolkit
    /// publishes it, has it as the one target here.
    pub message: HermesMessage,
    /// The event of a circular; read where the message names no target.
    pub event: Option<String>,
    /// The subject of a circular; read where the message names no target.
    pub subject: Option<String>,
    /// Whether it is in Hermes' format: it has a title or tables.
    pub is_hermes: bool,
}

/// The keys of messages of other formats.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Foreign {
    #[serde(deserialize_with = "wire::text_or_none")]
    target_name: Option<String>,
    ra: Place,
    dec: Place,
    #[serde(deserialize_with = "wire::text_or_none")]
    subject: Option<String>,
    #[serde(rename = "eventId", deserialize_with = "wire::text_or_none")]
    event_id: Option<String>,
}

/// A coordinate under a key that may mean something else in the message of another sender.
type Place = Option<Box<RawValue>>;

impl Body {
    /// Reads a message. `None` for what is no JSON object: a list or a text is no message.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        let mut message: HermesMessage = wire::object(&mut serde_json::Deserializer::from_str(json)).ok()?;
        let is_hermes = !message.title.is_empty() || !message.data.is_empty();
        let named = |target: &HermesTarget| !target.name.trim().is_empty();
        if message.data.targets.first().is_some_and(named) {
            return Some(Self { message, is_hermes, ..Self::default() });
        }
        let foreign: Foreign = serde_json::from_str(json).ok()?;
        let of_rows = message.only_name_of_rows().map(str::to_owned);
        let place = |raw: &Place, parse| degrees(raw.as_ref()?, parse).ok().flatten();
        let (ra, dec) = (place(&foreign.ra, sky::parse_ra), place(&foreign.dec, sky::parse_dec));
        let targets = &mut message.data.targets;
        if targets.is_empty() && (foreign.target_name.is_some() || ra.is_some() || of_rows.is_some()) {
            targets.push(HermesTarget { ra, dec, ..HermesTarget::default() });
        }
        // A target whose name is missing is the one that all rows are of.
        if let [only] = &mut targets[..] {
            let name = foreign.target_name.or(of_rows).or_else(|| foreign.event_id.clone());
            only.name = name.unwrap_or_default();
        }
        Some(Self { message, event: foreign.event_id, subject: foreign.subject, is_hermes })
    }

    /// The same message as one about another of its targets, by its name or an alias; `None` where it
    /// has no such target.
    #[must_use]
    pub fn about(mut self, name: &str) -> Option<Self> {
        let owner = self.message.owner(name).to_owned();
        let at = self.message.data.targets.iter().position(|target| target.name == owner)?;
        self.message.data.targets[..=at].rotate_right(1);
        Some(self)
    }

    /// The object that the message is about: its first target.
    #[must_use]
    pub fn target(&self) -> Option<&HermesTarget> {
        self.message.data.targets.first()
    }

    /// Whether the object is called so, by its name or an alias.
    #[must_use]
    pub fn is_about(&self, name: &str) -> bool {
        let known = |target: &HermesTarget| target.aliases.iter().any(|alias| alias == name);
        self.name() == Some(name) || self.target().is_some_and(known)
    }

    /// The name of the object; `None` where the message names none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let target = self.target().map(|target| target.name.trim()).filter(|name| !name.is_empty());
        target.or(self.event.as_deref())
    }

    /// What the message is called where it names no object.
    #[must_use]
    pub fn heading(&self) -> Option<&str> {
        let title = Some(self.message.title.trim()).filter(|title| !title.is_empty());
        title.or(self.subject.as_deref())
    }

    /// Where the object is, degrees; `None` without a place on the sky.
    #[must_use]
    pub fn position(&self) -> Option<(f64, f64)> {
        let target = self.target()?;
        let (ra, dec) = target.ra.zip(target.dec)?;
        (-90.0..=90.0).contains(&dec).then(|| (sky::wrap_degrees(ra), dec))
    }

    /// The error of the position in arcsec: the larger of the two.
    #[must_use]
    pub fn position_error(&self) -> Option<f64> {
        let target = self.target()?;
        let errors = [(target.ra_error, &target.ra_error_units), (target.dec_error, &target.dec_error_units)];
        errors.into_iter().filter_map(|(error, unit)| arcsec(error, unit)).reduce(f64::max)
    }

    /// The magnitude of the object's last detection that was published as a magnitude.
    #[must_use]
    pub fn magnitude(&self) -> Option<f64> {
        let name = self.target()?.name.as_str();
        let rows = self.message.data.photometry.iter();
        let points = rows.filter(|row| self.message.owner(&row.target_name) == name).filter_map(|row| {
            let (time, point) = photometry(row).ok().flatten()?;
            let Datum::Photometry(point) = point else { return None };
            Some((time, point.magnitude.filter(|_| point.flux.is_none())?))
        });
        points.max_by_key(|(time, _)| *time).map(|(_, magnitude)| magnitude)
    }

    /// When the newest observation of the object in the message was made. One after `published`, when
    /// the message was published, is a wrong date and none.
    #[must_use]
    pub fn observed_at(&self, published: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let name = self.target()?.name.as_str();
        let data = &self.message.data;
        let rows = data.photometry.iter().map(|row| (&row.target_name, &row.date_obs));
        let rows = rows.chain(data.spectroscopy.iter().map(|row| (&row.target_name, &row.date_obs)));
        let rows = rows.chain(data.astrometry.iter().map(|row| (&row.target_name, &row.date_obs)));
        let own = rows.filter(|(target, _)| self.message.owner(target) == name);
        let times = own.filter_map(|(_, date)| instant(date.as_deref()?));
        times.filter(|time| published.is_none_or(|published| *time <= published)).max()
    }

    /// The points of the object as data of the broker `source`; how many rows are of other targets is
    /// a note.
    #[must_use]
    pub fn reduced_data(&self, source: &'static str, location: &str) -> ReducedData {
        let own = self.target().map(|target| target.name.as_str());
        let mut data = self.message.reduced_data(source, location, own);
        let tables = &self.message.data;
        let names = tables.photometry.iter().map(|row| &row.target_name);
        let names = names.chain(tables.spectroscopy.iter().map(|row| &row.target_name));
        let names = names.chain(tables.astrometry.iter().map(|row| &row.target_name));
        let owners = names.map(|name| self.message.owner(name)).filter(|owner| !owner.is_empty());
        match owners.filter(|owner| own.is_some_and(|own| own != *owner)).count() {
            0 => {}
            1 => data.notes.push("1 row of another target of the message left out".to_owned()),
            n => data.notes.push(format!("{n} rows of other targets of the message left out")),
        }
        data
    }

    /// The target of the message.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a message that names no object, and for an object with neither
    /// position nor orbit.
    pub fn to_target(&self) -> Result<Target> {
        match self.target().filter(|target| !target.name.trim().is_empty()) {
            Some(target) => target.to_target(),
            None => {
                let text = "the message names no object, so it cannot become a target";
                Err(Error::new(ErrorKind::Input, text))
            }
        }
    }

    /// Whose object the message is about, when it was observed and what its position is. An alert
    /// without an observation was observed when it was published.
    #[must_use]
    pub fn provenance(&self, published: Option<DateTime<Utc>>) -> Provenance {
        Provenance::of_object(self.name().unwrap_or_default())
            .observed_at(self.observed_at(published).or(published))
            .with_position_error(self.position_error())
    }
}

impl HermesMessage {
    /// The name that the rows of the message name, where that is one.
    fn only_name_of_rows(&self) -> Option<&str> {
        let data = &self.data;
        let names = data.photometry.iter().map(|row| row.target_name.trim());
        let names = names.chain(data.spectroscopy.iter().map(|row| row.target_name.trim()));
        let names = names.chain(data.astrometry.iter().map(|row| row.target_name.trim()));
        let mut names = names.filter(|name| !name.is_empty());
        let first = names.next()?;
        names.all(|name| name == first).then_some(first)
    }
}
