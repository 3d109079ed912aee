//! `ScimmaPacket`: an alert of SKIP, or a message of the archive.

use super::hop::HopFormat;
use super::hopskotch::Body;
use crate::plugin::*;

/// An alert, in the words of SKIP's version 2. Of a message of the archive the common fields are
/// filled in, and `archive` has the rest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScimmaPacket {
    /// SKIP's number, or the UUID of a message.
    #[serde(deserialize_with = "wire::id")]
    pub id: String,
    /// What the alert is called: an event, a counterpart; of a message the target or the title.
    #[serde(default, alias = "alert_identifier", deserialize_with = "wire::text_or_none")]
    pub identifier: Option<String>,
    /// When it was issued; of a message when Hopskotch took it.
    #[serde(default, alias = "alert_timestamp", deserialize_with = "wire::text_or_none")]
    pub timestamp: Option<String>,
    /// The topic it came over.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub topic: Option<String>,
    /// Right ascension, degrees.
    #[serde(default, deserialize_with = "wire::number")]
    pub right_ascension: Option<f64>,
    /// Declination, degrees.
    #[serde(default, deserialize_with = "wire::number")]
    pub declination: Option<f64>,
    /// Right ascension as `19:59:32.424`.
    #[serde(default, deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub right_ascension_sexagesimal: Option<String>,
    /// Declination as `40:43:51.6`.
    #[serde(default, deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub declination_sexagesimal: Option<String>,
    /// Versions 0 and 1: what SKIP took out of the message, such as the probabilities of an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extracted_fields: Option<Box<RawValue>>,
    /// The message, its keys in lower case; empty when SKIP could not read it.
    #[serde(default, alias = "message", skip_serializing_if = "Option::is_none")]
    pub parsed_message: Option<Box<RawValue>>,
    /// Version 2: the message as it came, with its `format` and `content`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_message: Option<Box<RawValue>>,
    /// When SKIP took it in.
    #[serde(default, deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When SKIP changed it last.
    #[serde(default, deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// The message of the archive, where it came from there.
    #[serde(default, deserialize_with = "wire::value_or_none", skip_serializing_if = "Option::is_none")]
    pub archive: Option<Box<ArchiveMessage>>,
}

/// The topic of counterparts to gravitational-wave events.
const COUNTERPARTS: &str = "lvc.lvc-counterpart";

impl ScimmaPacket {
    /// A counterpart's fields, where the alert is one.
    #[must_use]
    pub fn counterpart(&self) -> Option<LvcCounterpart> {
        let message = self.parsed_message.as_ref().filter(|_| self.topic.as_deref() == Some(COUNTERPARTS))?;
        wire::object(&mut serde_json::Deserializer::from_str(message.get())).ok()
    }

    /// The message as it came, where version 2 of SKIP gave it.
    #[must_use]
    pub fn raw_message(&self) -> Option<SkipRawMessage> {
        wire::object(&mut serde_json::Deserializer::from_str(self.raw_message.as_ref()?.get())).ok()
    }

    /// What a message of the archive says, where that is a JSON object.
    #[must_use]
    pub fn body(&self) -> Option<Body> {
        Body::read(self.archive.as_ref()?.json.as_ref()?.get())
    }

    /// The name of the object that it is about; `None` where it names none.
    #[must_use]
    pub fn object(&self) -> Option<String> {
        let name = |body: Body| body.name().map(str::to_owned);
        if self.archive.is_some() {
            return self.body().and_then(name);
        }
        let said = || Body::read(self.parsed_message.as_ref()?.get()).and_then(name);
        self.identifier().map(str::to_owned).or_else(said)
    }

    /// What it is called: its object, else its title, else its topic and id.
    #[must_use]
    pub fn name(&self) -> String {
        let title = || self.identifier().map(str::to_owned);
        let place = || format!("{}/{}", self.topic.as_deref().unwrap_or("SCIMMA"), self.id);
        // The identifier of a message of the archive is that of its object already.
        let object = || self.archive.is_none().then(|| self.object()).flatten();
        title().or_else(object).unwrap_or_else(place)
    }

    fn identifier(&self) -> Option<&str> {
        self.identifier.as_deref().map(str::trim).filter(|name| !name.is_empty())
    }

    /// When it was issued, or when Hopskotch took it.
    fn issued(&self) -> Option<DateTime<Utc>> {
        time::parse_utc(self.timestamp.as_deref()?)
    }

    /// Whose object it is about, when that was observed and what its position is.
    pub(super) fn provenance(&self) -> Provenance {
        let issued = self.issued();
        let told = match self.body() {
            Some(body) => body.provenance(issued),
            None => Provenance::of_object(self.object().unwrap_or_default()).observed_at(issued),
        };
        told.of_alert(&self.id).with_own_data()
    }
}

impl ScimmaPacket {
    pub(super) fn generic(&self, url: Option<Url>) -> Result<GenericAlert> {
        let timestamp = self.timestamp.as_deref().filter(|text| !text.trim().is_empty());
        let read = |text| {
            let fault =
                || Error::new(ErrorKind::Unreadable, "the alert's timestamp is no date").with("id", &self.id);
            time::parse_utc(text).ok_or_else(fault)
        };
        Ok(GenericAlert {
            timestamp: timestamp.map(read).transpose()?,
            id: self.id.clone(),
            name: self.name(),
            ra: self.right_ascension,
            dec: self.declination,
            mag: self.body().and_then(|body| body.magnitude()),
            score: self.counterpart().and_then(|counterpart| counterpart.rank()),
            url,
        })
    }

    pub(super) fn target(&self, generic: &GenericAlert) -> Result<Target> {
        let body = self.body().filter(|body| body.target().is_some());
        let target = match body {
            Some(body) => body.to_target()?,
            None if generic.ra.is_some() && self.object().is_none() => {
                let text = "the alert names no object, so it cannot become a target";
                return Err(Error::new(ErrorKind::Input, text).with("id", &self.id));
            }
            None => generic.to_target()?,
        };
        let mut target = target.with_extra_opt("topic", self.topic.as_deref());
        if let Some(counterpart) = self.counterpart() {
            let galactic = counterpart.galactic();
            target = target
                .with_extra_opt("rank", counterpart.rank())
                .with_extra_opt("event_trig_num", counterpart.event_trig_num.as_deref())
                .with_extra_opt("gal_lon", galactic.map(|(lon, _)| lon))
                .with_extra_opt("gal_lat", galactic.map(|(_, lat)| lat));
        }
        Ok(target)
    }
}

/// A counterpart to a gravitational-wave event, as GCN writes it: every value is a text.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LvcCounterpart {
    /// 1 is the most likely, 4 the least.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub rank: Option<String>,
    /// `76.19,  5.74 [deg] galactic lon,lat of the counterpart`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub gal_coords: Option<String>,
    /// The event.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub event_trig_num: Option<String>,
    /// The number of the source, spelt as GCN does.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub sourse_sernum: Option<String>,
    /// Who found it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub submitter: Option<String>,
    /// With which telescope.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub telescope: Option<String>,
    /// What else is said, all lines in one.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub comments: Option<String>,
}

impl LvcCounterpart {
    /// The rank as a number.
    #[must_use]
    pub fn rank(&self) -> Option<f64> {
        self.rank.as_deref()?.trim().parse().ok().filter(|rank: &f64| rank.is_finite())
    }

    /// Galactic longitude and latitude in degrees, as the notice gives them.
    #[must_use]
    pub fn galactic(&self) -> Option<(f64, f64)> {
        let (lon, lat) = self.gal_coords.as_deref()?.split('[').next()?.split_once(',')?;
        let lon = lon.trim().parse().ok().filter(|lon| (0.0..=360.0).contains(lon))?;
        Some((lon, lat.trim().parse().ok().filter(|lat| (-90.0..=90.0).contains(lat))?))
    }
}

/// A message as SKIP received it.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct SkipRawMessage {
    /// How it was written.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub format: Option<String>,
    /// What it said; a text where it was none of the known formats.
    pub content: Box<RawValue>,
}

/// A message of the archive: what is known of it, and what it says unless metadata alone were
/// asked for. Exactly one of `json`, `text` and `base64` is there then.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ArchiveMessage {
    /// Milliseconds since 1970, UTC.
    pub timestamp: Option<i64>,
    /// How it is written.
    pub format: Option<HopFormat>,
    /// Name of the credential that published it.
    pub sender: Option<String>,
    /// Whether it is only a test.
    pub test: bool,
    /// Its title.
    pub title: Option<String>,
    /// Its media type, as its sender or the archive's guess has it.
    pub media_type: Option<String>,
    /// Name of the file that it is; [`Scimma::raw_file`](super::Scimma::raw_file) brings it.
    pub file_name: Option<String>,
    /// Where it comes from.
    pub originator: Option<String>,
    /// Bytes in the archive, with the headers.
    pub size: Option<i64>,
    /// Checksum of those, CRC-32.
    pub crc32: Option<i64>,
    /// Checksum of the message alone; only of messages that were asked for by themselves or whole.
    pub con_message_crc32: Option<i64>,
    /// Whether everybody may read it.
    pub public: Option<bool>,
    /// Whether its id is the sender's own.
    pub con_is_client_uuid: Option<bool>,
    /// Whether it was given to the archive without passing through Kafka.
    pub direct_upload: Option<bool>,
    /// Whether all of its text can be searched.
    pub text_fully_indexed: Option<bool>,
    /// Whether it was withdrawn.
    pub retracted: Option<bool>,
    /// Its key, in base64.
    pub key: Option<String>,
    /// Headers that are not Hopskotch's own; a value that is no text is in base64.
    pub headers: Vec<(String, String)>,
    /// What it says, where that is JSON.
    pub json: Option<Box<RawValue>>,
    /// What it says, where that is a text.
    pub text: Option<String>,
    /// What it says, where it is neither, in base64.
    pub base64: Option<String>,
}
