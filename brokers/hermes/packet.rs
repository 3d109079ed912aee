//! `HermesPacket`: one row of any of Hermes' listings, or one message with its body.

use std::fmt;

use super::message::HermesMessage;
use super::rows::HermesTarget;
use super::words::{BrightnessUnit, blank, dec, instant, ra};
use crate::plugin::*;

/// What Hermes lists: a target, a message, a non-localised event, or a message of the archive.
///
/// The keys of all four are fields here; [`kind`](Self::kind) says which it is, and the fields of the
/// others are empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HermesPacket {
    /// Target, message: Hermes' number of it.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Target: its name.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Target: right ascension, degrees.
    #[serde(deserialize_with = "wire::number", skip_serializing_if = "Option::is_none")]
    pub right_ascension: Option<f64>,
    /// Target: the same in hours, `10:00:29.616`.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub right_ascension_sexagesimal: Option<String>,
    /// Target: declination, degrees.
    #[serde(deserialize_with = "wire::number", skip_serializing_if = "Option::is_none")]
    pub declination: Option<f64>,
    /// Target: the same in degrees, without a plus and without zeros before.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub declination_sexagesimal: Option<String>,
    /// Target: the messages that name it; the newest has the highest number.
    #[serde(deserialize_with = "wire::or_default", skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageLink>,
    /// Target that was asked for by itself: its newest message, where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<Box<HermesPacket>>,
    /// Message: its uuid.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Message: the events that it is about.
    #[serde(deserialize_with = "wire::or_default", skip_serializing_if = "Vec::is_empty")]
    pub nonlocalizedevents: Vec<EventLink>,
    /// Message: the targets that it names.
    #[serde(deserialize_with = "wire::or_default", skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetBase>,
    /// Event: its id.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Event: what was said of it, oldest first; may be empty.
    #[serde(deserialize_with = "wire::or_default", skip_serializing_if = "Vec::is_empty")]
    pub sequences: Vec<EventSequence>,
    /// Event: the messages about it.
    #[serde(deserialize_with = "wire::or_default", skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<MessageTargets>,
    /// Archive: where and when it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Box<Metadata>>,
    /// Archive: what the archive knows of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Box<Annotations>>,
    /// Archive: the message itself, any JSON. Read it with [`body`](Self::body).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<RawValue>>,
}

/// A message by its number and uuid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessageLink {
    /// Hermes' number.
    #[serde(deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// Its uuid.
    #[serde(deserialize_with = "wire::text")]
    pub uuid: Option<String>,
}

/// An event by its id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventLink {
    /// Its id.
    #[serde(deserialize_with = "wire::text")]
    pub event_id: Option<String>,
}

/// A message that names an event, with its targets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessageTargets {
    /// Hermes' number.
    #[serde(deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// Its uuid.
    #[serde(deserialize_with = "wire::text")]
    pub uuid: Option<String>,
    /// Its targets.
    #[serde(deserialize_with = "wire::or_default")]
    pub targets: Vec<TargetBase>,
}

/// A target as other rows name it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TargetBase {
    /// Hermes' number.
    #[serde(deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "wire::text")]
    pub name: Option<String>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub right_ascension: Option<f64>,
    /// The same in hours.
    #[serde(deserialize_with = "wire::text")]
    pub right_ascension_sexagesimal: Option<String>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub declination: Option<f64>,
    /// The same in degrees.
    #[serde(deserialize_with = "wire::text")]
    pub declination_sexagesimal: Option<String>,
}

/// One announcement of a non-localised event.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventSequence {
    /// Hermes' number.
    #[serde(deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// Which announcement it is, from 1.
    #[serde(deserialize_with = "wire::whole")]
    pub sequence_number: Option<i64>,
    /// `EARLY_WARNING`, `PRELIMINARY`, `INITIAL`, `UPDATE`, `RETRACTION`.
    #[serde(deserialize_with = "wire::text")]
    pub sequence_type: Option<String>,
    /// The message it came with.
    #[serde(deserialize_with = "wire::or_default")]
    pub message: MessageLink,
    /// The announcement itself, without its sky map.
    #[serde(deserialize_with = "wire::or_default")]
    pub data: SequenceData,
}

impl EventSequence {
    /// Whether it takes the event back.
    #[must_use]
    pub fn is_retraction(&self) -> bool {
        self.sequence_type.as_deref() == Some("RETRACTION")
    }
}

/// An announcement of LIGO, Virgo and KAGRA, without its sky map.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SequenceData {
    /// The sort of announcement.
    #[serde(deserialize_with = "wire::text")]
    pub alert_type: Option<String>,
    /// When it was made.
    #[serde(deserialize_with = "wire::text")]
    pub time_created: Option<String>,
    /// The event.
    #[serde(deserialize_with = "wire::text")]
    pub superevent_id: Option<String>,
    /// Which announcement it is.
    #[serde(deserialize_with = "wire::whole")]
    pub sequence_num: Option<i64>,
    /// Its pages: `gracedb`, `skymap`.
    #[serde(deserialize_with = "wire::or_default")]
    pub urls: Map<String, Value>,
    /// What was seen; null in a retraction.
    pub event: Option<GravitationalWave>,
    /// A coincidence with another instrument, as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_coinc: Option<Map<String, Value>>,
}

/// What was seen of a gravitational wave.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct GravitationalWave {
    /// False alarm rate, Hz.
    #[serde(deserialize_with = "wire::number")]
    pub far: Option<f64>,
    /// When it came.
    #[serde(deserialize_with = "wire::text")]
    pub time: Option<String>,
    /// `CBC` or `Burst`.
    #[serde(deserialize_with = "wire::text")]
    pub group: Option<String>,
    /// The pipeline that found it.
    #[serde(deserialize_with = "wire::text")]
    pub pipeline: Option<String>,
    /// The search that found it.
    #[serde(deserialize_with = "wire::text")]
    pub search: Option<String>,
    /// The detectors.
    #[serde(deserialize_with = "wire::or_default")]
    pub instruments: Vec<String>,
    /// Whether it passed the threshold of significance.
    #[serde(deserialize_with = "wire::flag")]
    pub significant: Option<bool>,
    /// Probabilities of what it was: `BNS`, `NSBH`, `BBH`, `Terrestrial`.
    #[serde(deserialize_with = "wire::or_default")]
    pub classification: Map<String, Value>,
    /// Probabilities of properties: `HasNS`, `HasRemnant`, `HasMassGap`.
    #[serde(deserialize_with = "wire::or_default")]
    pub properties: Map<String, Value>,
    /// Duration of a burst, s.
    #[serde(deserialize_with = "wire::number")]
    pub duration: Option<f64>,
    /// Central frequency of a burst, Hz.
    #[serde(deserialize_with = "wire::number")]
    pub central_frequency: Option<f64>,
    /// Version of the sky map.
    #[serde(deserialize_with = "wire::whole", skip_serializing_if = "Option::is_none")]
    pub skymap_version: Option<i64>,
    /// Hash of the sky map.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub skymap_hash: Option<String>,
    /// Area that holds it with 50 %, square degrees.
    #[serde(deserialize_with = "wire::number", skip_serializing_if = "Option::is_none")]
    pub area_50: Option<f64>,
    /// Area that holds it with 90 %, square degrees.
    #[serde(deserialize_with = "wire::number", skip_serializing_if = "Option::is_none")]
    pub area_90: Option<f64>,
}

/// Where and when a message was published.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Metadata {
    /// The topic.
    #[serde(deserialize_with = "wire::text")]
    pub topic: Option<String>,
    /// When, milliseconds since 1970.
    #[serde(deserialize_with = "wire::whole")]
    pub timestamp: Option<i64>,
    /// The key of the Kafka message; `...` where it is no text.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its headers, by name; of a name that comes twice the last.
    #[serde(deserialize_with = "wire::or_default", skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
}

/// What the archive knows of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Annotations {
    /// Its uuid.
    #[serde(deserialize_with = "wire::text")]
    pub con_text_uuid: Option<String>,
    /// Its title, where its headers have one.
    #[serde(deserialize_with = "wire::text")]
    pub title: Option<String>,
    /// The credential that sent it.
    #[serde(deserialize_with = "wire::text")]
    pub sender: Option<String>,
    /// Its media type.
    #[serde(deserialize_with = "wire::text")]
    pub media_type: Option<String>,
    /// The file's name, where it is a file.
    #[serde(deserialize_with = "wire::text")]
    pub file_name: Option<String>,
    /// Who made it, where that is not the sender.
    #[serde(deserialize_with = "wire::text")]
    pub originator: Option<String>,
    /// Whether everybody may read it.
    #[serde(deserialize_with = "wire::flag")]
    pub public: Option<bool>,
    /// Whether it was taken back.
    #[serde(deserialize_with = "wire::flag", skip_serializing_if = "Option::is_none")]
    pub retracted: Option<bool>,
    /// Its size, bytes.
    #[serde(deserialize_with = "wire::whole", skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// The archive's checksum.
    #[serde(deserialize_with = "wire::whole", skip_serializing_if = "Option::is_none")]
    pub crc32: Option<i64>,
}

/// Which of Hermes' things a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PacketKind {
    /// A target.
    Target,
    /// A message of Hermes' index, without its body.
    Message,
    /// A non-localised event.
    Event,
    /// A message of the archive; with its body where it was asked for by itself.
    Archive,
}

impl fmt::Display for PacketKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => "target",
            Self::Message => "message",
            Self::Event => "event",
            Self::Archive => "archive",
        })
    }
}

impl HermesPacket {
    /// Which of Hermes' things it is; `None` when it has the id of none of them.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> Option<PacketKind> {
        if self.id.is_some() && self.name.is_some() {
            Some(PacketKind::Target)
        } else if self.uuid.is_some() {
            Some(PacketKind::Message)
        } else if self.event_id.is_some() {
            Some(PacketKind::Event)
        } else {
            self.archive_uuid().map(|_| PacketKind::Archive)
        }
    }

    /// The uuid of a message of the archive.
    #[must_use]
    pub fn archive_uuid(&self) -> Option<&str> {
        let header = || self.metadata.as_ref()?.headers.get("_id")?.as_str();
        let annotated = self.annotations.as_ref().and_then(|known| known.con_text_uuid.as_deref());
        annotated.or_else(header).filter(|uuid| !uuid.is_empty())
    }

    /// The uuid of a message, indexed or archived.
    #[must_use]
    pub fn message_uuid(&self) -> Option<&str> {
        self.uuid.as_deref().or_else(|| self.archive_uuid())
    }

    /// The topic of a message of the archive.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.metadata.as_ref()?.topic.as_deref()
    }

    /// When a message of the archive was published.
    #[must_use]
    pub fn published(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.metadata.as_ref()?.timestamp?)
    }

    /// The body of a message of the archive, as a Hermes message; `None` where it has none, or is
    /// something else, such as a heartbeat, a circular or a file.
    #[must_use]
    pub fn body(&self) -> Option<HermesMessage> {
        let text = self.message.as_ref()?.get();
        let message: HermesMessage = serde_json::from_str(text).ok()?;
        let said = !message.title.is_empty() || !message.data.is_empty();
        said.then_some(message)
    }

    /// What little a body says that is no Hermes message.
    fn foreign(&self) -> Option<Foreign> {
        serde_json::from_str(self.message.as_ref()?.get()).ok()
    }

    /// The last announcement of an event.
    #[must_use]
    pub fn last_sequence(&self) -> Option<&EventSequence> {
        self.sequences.last()
    }

    /// The eight things, but for the URL.
    pub(super) fn generic(&self) -> Result<GenericAlert> {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        match self.kind() {
            Some(PacketKind::Target) => {
                let mut alert = GenericAlert {
                    name: known(&self.name),
                    ra: self.right_ascension,
                    dec: self.declination,
                    ..GenericAlert::new(known(&self.id))
                };
                if let Some(newest) = &self.newest {
                    alert.timestamp = newest.published();
                    alert.mag = newest.body().and_then(|body| last_magnitude(&body, &alert.name));
                }
                Ok(alert)
            }
            Some(PacketKind::Message) => {
                let mut alert = GenericAlert::new(known(&self.uuid));
                if let Some(target) = self.targets.first() {
                    alert.name = target.name.clone().unwrap_or(alert.name);
                    alert.ra = target.right_ascension;
                    alert.dec = target.declination;
                }
                Ok(alert)
            }
            Some(PacketKind::Event) => {
                let last = self.last_sequence();
                let time = last.and_then(|last| last.data.time_created.as_deref()).and_then(time::parse_utc);
                let standing = last.filter(|last| !last.is_retraction());
                let score = standing.and_then(|last| last.data.event.as_ref()?.far);
                Ok(GenericAlert { timestamp: time, score, ..GenericAlert::new(known(&self.event_id)) })
            }
            Some(PacketKind::Archive) => Ok(self.archived()),
            None => Err(Error::new(
                ErrorKind::Unreadable,
                "the item is no target, message or event of Hermes: it has the id of none",
            )),
        }
    }

    fn archived(&self) -> GenericAlert {
        let uuid = self.archive_uuid().unwrap_or_default();
        let title = self.annotations.as_ref().and_then(|known| known.title.clone());
        let title = title.filter(|title| !title.trim().is_empty());
        let mut alert = GenericAlert { timestamp: self.published(), ..GenericAlert::new(uuid) };
        if let Some(body) = self.body() {
            if let Some(target) = body.data.targets.first() {
                alert.ra = target.ra.map(sky::wrap_degrees);
                alert.dec = target.dec;
                alert.mag = last_magnitude(&body, &target.name);
                alert.name.clone_from(&target.name);
            } else if !body.title.is_empty() {
                alert.name = body.title;
            }
        } else if let Some(foreign) = self.foreign() {
            alert.ra = foreign.ra;
            alert.dec = foreign.dec;
            let named = foreign.target_name.or(foreign.event_id).or(foreign.subject).or(title);
            alert.name = named.unwrap_or(alert.name);
        } else {
            alert.name = title.unwrap_or(alert.name);
        }
        if alert.name.trim().is_empty() {
            alert.name.clone_from(&alert.id);
        }
        alert
    }

    pub(super) fn target(&self, generic: &GenericAlert) -> Result<Target> {
        if self.kind() == Some(PacketKind::Event) {
            let text = "an event that is not localised has no position, so it cannot become a target; its candidates are those of search=targets with this event_id";
            return Err(Error::new(ErrorKind::Input, text).with("event_id", &generic.id));
        }
        let target = match self.row() {
            Some(row) => row.to_target()?,
            None => generic.to_target()?,
        };
        let number = self.id.as_deref().filter(|_| self.kind() == Some(PacketKind::Target));
        Ok(target.with_extra_opt("hermes_target_id", number))
    }

    /// The row of the target in the message that tells most of it.
    fn row(&self) -> Option<HermesTarget> {
        match self.kind()? {
            PacketKind::Target => {
                let name = self.name.as_deref()?;
                self.newest.as_ref()?.body()?.data.targets.into_iter().find(|row| row.name == name)
            }
            PacketKind::Archive => self.body()?.data.targets.into_iter().next(),
            _ => None,
        }
    }
}

/// The magnitude of a target's last detection, of the rows that are points.
fn last_magnitude(body: &HermesMessage, name: &str) -> Option<f64> {
    let magnitudes = [BrightnessUnit::AbMag, BrightnessUnit::VegaMag];
    let rows = body.data.photometry.iter().filter(|row| {
        row.target_name == name
            && !blank(&row.bandpass)
            && magnitudes.contains(&row.brightness_unit.clone().unwrap_or_default())
    });
    let points = rows.filter_map(|row| {
        let magnitude = points::magnitude(row.brightness).filter(|magnitude| *magnitude != 0.0)?;
        Some((row.date_obs.as_deref().and_then(instant)?, magnitude))
    });
    points.max_by_key(|(time, _)| *time).map(|(_, magnitude)| magnitude)
}

/// A body that is no Hermes message: a target of a TOM, a circular.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Foreign {
    #[serde(deserialize_with = "wire::text")]
    target_name: Option<String>,
    #[serde(deserialize_with = "ra")]
    ra: Option<f64>,
    #[serde(deserialize_with = "dec")]
    dec: Option<f64>,
    #[serde(deserialize_with = "wire::text")]
    subject: Option<String>,
    #[serde(rename = "eventId", deserialize_with = "wire::text")]
    event_id: Option<String>,
}
