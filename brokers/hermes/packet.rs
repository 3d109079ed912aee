//! `HermesPacket`: one row of any of Hermes' listings, or one message with its body.

use std::fmt;

use super::hopskotch::{Body, listed};
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
    #[serde(deserialize_with = "number", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Target: its name.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Target: right ascension, degrees.
    #[serde(deserialize_with = "wire::number", skip_serializing_if = "Option::is_none")]
    pub right_ascension: Option<f64>,
    /// Target: the same in hours, `10:00:29.616`.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub right_ascension_sexagesimal: Option<String>,
    /// Target: declination, degrees.
    #[serde(deserialize_with = "wire::number", skip_serializing_if = "Option::is_none")]
    pub declination: Option<f64>,
    /// Target: the same in degrees, without a plus and without zeros before.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub declination_sexagesimal: Option<String>,
    /// Target: the messages that name it; the newest has the highest number.
    #[serde(deserialize_with = "listed", skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageLink>,
    /// Target that was asked for by itself: its newest message, where it can be read.
    #[serde(deserialize_with = "wire::value_or_none", skip_serializing_if = "Option::is_none")]
    pub newest: Option<Box<HermesPacket>>,
    /// Target that was asked for by itself: why its newest message is not here.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub newest_fault: Option<String>,
    /// Message: its uuid.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Message: the events that it is about.
    #[serde(deserialize_with = "listed", skip_serializing_if = "Vec::is_empty")]
    pub nonlocalizedevents: Vec<EventLink>,
    /// Message: the targets that it names.
    #[serde(deserialize_with = "listed", skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetBase>,
    /// Event: its id.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Event: what was said of it, oldest first; may be empty.
    #[serde(deserialize_with = "listed", skip_serializing_if = "Vec::is_empty")]
    pub sequences: Vec<EventSequence>,
    /// Event: the messages about it.
    #[serde(deserialize_with = "listed", skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<MessageTargets>,
    /// Archive: where and when it was published.
    #[serde(deserialize_with = "wire::value_or_none", skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Box<Metadata>>,
    /// Archive: what the archive knows of it.
    #[serde(deserialize_with = "wire::value_or_none", skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Box<Annotations>>,
    /// Archive: whether its sender took it back, where the listing said so: a message by itself does not.
    #[serde(deserialize_with = "wire::flag_or_none", skip_serializing_if = "Option::is_none")]
    pub retracted: Option<bool>,
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
    #[serde(deserialize_with = "wire::text_or_none")]
    pub id: Option<String>,
    /// Its uuid.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub uuid: Option<String>,
}

/// An event by its id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventLink {
    /// Its id.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub event_id: Option<String>,
}

/// A message that names an event, with its targets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessageTargets {
    /// Hermes' number.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub id: Option<String>,
    /// Its uuid.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub uuid: Option<String>,
    /// Its targets.
    #[serde(deserialize_with = "listed")]
    pub targets: Vec<TargetBase>,
}

/// A target as other rows name it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TargetBase {
    /// Hermes' number.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub name: Option<String>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub right_ascension: Option<f64>,
    /// The same in hours.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub right_ascension_sexagesimal: Option<String>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub declination: Option<f64>,
    /// The same in degrees.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub declination_sexagesimal: Option<String>,
}

/// One announcement of a non-localised event.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventSequence {
    /// Hermes' number.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub id: Option<String>,
    /// Which announcement it is, from 1.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub sequence_number: Option<i64>,
    /// `EARLY_WARNING`, `PRELIMINARY`, `INITIAL`, `UPDATE`, `RETRACTION`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub sequence_type: Option<String>,
    /// The message it came with.
    #[serde(deserialize_with = "wire::object_or_default")]
    pub message: MessageLink,
    /// The announcement itself, without its sky map.
    #[serde(deserialize_with = "wire::object_or_default")]
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
    #[serde(deserialize_with = "wire::text_or_none")]
    pub alert_type: Option<String>,
    /// When it was made.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub time_created: Option<String>,
    /// The event.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub superevent_id: Option<String>,
    /// Which announcement it is.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub sequence_num: Option<i64>,
    /// Its pages: `gracedb`, `skymap`.
    #[serde(deserialize_with = "wire::object_or_default")]
    pub urls: Map<String, Value>,
    /// What was seen; null in a retraction.
    #[serde(deserialize_with = "wire::value_or_none")]
    pub event: Option<GravitationalWave>,
    /// A coincidence with another instrument, as it is.
    #[serde(deserialize_with = "wire::value_or_none", skip_serializing_if = "Option::is_none")]
    pub external_coinc: Option<Map<String, Value>>,
}

/// What was seen of a gravitational wave.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct GravitationalWave {
    /// False alarm rate, Hz.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub far: Option<f64>,
    /// When it came.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub time: Option<String>,
    /// `CBC` or `Burst`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub group: Option<String>,
    /// The pipeline that found it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub pipeline: Option<String>,
    /// The search that found it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub search: Option<String>,
    /// The detectors.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub instruments: Vec<String>,
    /// Whether it passed the threshold of significance.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub significant: Option<bool>,
    /// Probabilities of what it was: `BNS`, `NSBH`, `BBH`, `Terrestrial`.
    #[serde(deserialize_with = "wire::object_or_default")]
    pub classification: Map<String, Value>,
    /// Probabilities of properties: `HasNS`, `HasRemnant`, `HasMassGap`.
    #[serde(deserialize_with = "wire::object_or_default")]
    pub properties: Map<String, Value>,
    /// Duration of a burst, s.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub duration: Option<f64>,
    /// Central frequency of a burst, Hz.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub central_frequency: Option<f64>,
    /// Version of the sky map.
    #[serde(deserialize_with = "wire::whole_or_none", skip_serializing_if = "Option::is_none")]
    pub skymap_version: Option<i64>,
    /// Hash of the sky map.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub skymap_hash: Option<String>,
    /// Area that holds it with 50 %, square degrees.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub area_50: Option<f64>,
    /// Area that holds it with 90 %, square degrees.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub area_90: Option<f64>,
}

/// Where and when a message was published.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Metadata {
    /// The topic.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub topic: Option<String>,
    /// When, milliseconds since 1970.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub timestamp: Option<i64>,
    /// The key of the Kafka message; `...` where it is no text.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its headers, by name; of a name that comes twice the last.
    #[serde(deserialize_with = "wire::object_or_default", skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
}

/// What the archive knows of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Annotations {
    /// Its uuid.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub con_text_uuid: Option<String>,
    /// Its title, where its headers have one.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub title: Option<String>,
    /// The credential that sent it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub sender: Option<String>,
    /// Its media type.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub media_type: Option<String>,
    /// The file's name, where it is a file.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub file_name: Option<String>,
    /// Who made it, where that is not the sender.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub originator: Option<String>,
    /// Whether everybody may read it.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub public: Option<bool>,
    /// Whether it was taken back.
    #[serde(deserialize_with = "wire::flag_or_none", skip_serializing_if = "Option::is_none")]
    pub retracted: Option<bool>,
    /// Its size, bytes.
    #[serde(deserialize_with = "wire::whole_or_none", skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// The archive's checksum.
    #[serde(deserialize_with = "wire::whole_or_none", skip_serializing_if = "Option::is_none")]
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

    /// The body of a message of the archive; `None` where it has none that is a JSON object, as for a
    /// text or a file.
    #[must_use]
    pub fn body(&self) -> Option<Body> {
        Body::read(self.message.as_ref()?.get())
    }

    /// What the newest message says of a target that was asked for by itself.
    fn newest_body(&self) -> Option<(Body, Option<DateTime<Utc>>)> {
        let newest = self.newest.as_ref()?;
        Some((newest.body()?.about(self.name.as_deref()?)?, newest.published()))
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
                alert.timestamp = self.newest.as_ref().and_then(|newest| newest.published());
                alert.mag = self.newest_body().and_then(|(body, _)| body.magnitude());
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
        let body = self.body().unwrap_or_default();
        (alert.ra, alert.dec) = body.position().unzip();
        alert.mag = body.magnitude();
        if let Some(name) = body.name().or_else(|| body.heading()).or(title.as_deref()) {
            name.trim().clone_into(&mut alert.name);
        }
        alert
    }

    pub(super) fn target(&self, generic: &GenericAlert) -> Result<Target> {
        if self.kind() == Some(PacketKind::Event) {
            let text = "an event that is not localised has no position, so it cannot become a target; its candidates are those of search=targets with this event_id";
            return Err(Error::new(ErrorKind::Input, text).with("event_id", &generic.id));
        }
        let target = match self.kind() {
            Some(PacketKind::Target) => {
                let told = self.newest_body().and_then(|(body, _)| body.to_target().ok());
                told.map_or_else(|| generic.to_target(), Ok)?
            }
            Some(PacketKind::Archive) => match self.body() {
                Some(body) if body.target().is_some() => body.to_target()?,
                _ => generic.to_target()?,
            },
            _ => generic.to_target()?,
        };
        let number = self.id.as_deref().filter(|_| self.kind() == Some(PacketKind::Target));
        Ok(target.with_extra_opt("hermes_target_id", number))
    }

    /// Whose object it is, when it was observed and what its position is. Hermes knows objects by
    /// their names only: the number of a target is that of a name at one position.
    pub(super) fn provenance(&self, generic: &GenericAlert) -> Provenance {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        match self.kind() {
            Some(PacketKind::Target) => {
                let told = self.newest_body().map(|(body, published)| body.provenance(published));
                let mut told = told.unwrap_or_default();
                told.object_id.clone_from(&self.name);
                told.of_alert(known(&self.id))
            }
            Some(PacketKind::Message) => {
                let first = self.targets.first().and_then(|target| target.name.clone());
                Provenance::of_object(first.unwrap_or_default()).of_alert(known(&self.uuid)).with_own_data()
            }
            Some(PacketKind::Event) => {
                let seen = self.last_sequence().and_then(|last| last.data.event.as_ref()?.time.as_deref());
                let time = seen.and_then(time::parse_utc).or(generic.timestamp);
                Provenance::of_object(known(&self.event_id)).observed_at(time)
            }
            Some(PacketKind::Archive) | None => {
                let published = self.published();
                let told = self.body().map(|body| body.provenance(published));
                let told = told.unwrap_or_else(|| Provenance::default().observed_at(published));
                told.of_alert(self.archive_uuid().unwrap_or_default()).with_own_data()
            }
        }
    }
}

/// The digits of a number; nothing for anything that is none, which only a target cannot do without.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Digits(#[serde(deserialize_with = "wire::text")] Option<String>);
    Ok(wire::value_or_none(from)?.and_then(|Digits(digits)| digits))
}

/// The same packet with one more member in its text, such as `"retracted": true`.
pub(super) fn with_member(alert: &Alert<HermesPacket>, member: &str) -> Option<Alert<HermesPacket>> {
    let head = alert.raw().trim_end().strip_suffix('}')?;
    let comma = if head.trim_end().ends_with('{') { "" } else { ", " };
    Alert::from_raw(&format!("{head}{comma}{member}}}")).ok()
}
