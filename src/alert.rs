//! What a broker publishes: `GenericAlert`, the typed `Alert<P>` and the erased `AnyAlert`.

use std::any::Any;
use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::provenance::Provenance;
use crate::target::{NonSidereal, PositionHint, Target};

/// The eight things that every broker can be asked about an alert, as in TOM Toolkit.
///
/// Serialises to exactly these eight keys; what a broker does not give is `null`, never 0, NaN or
/// an empty text.
///
/// ```
/// use tom_alerts::GenericAlert;
/// let alert = GenericAlert::new("ZTF20acobvxk");
/// let alert = GenericAlert { ra: Some(37.67), dec: Some(-14.57), ..alert };
/// assert_eq!(alert.to_target()?.name, "ZTF20acobvxk");
/// # Ok::<(), tom_alerts::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct GenericAlert {
    /// When the broker last saw it, UTC. Which instant this is stands in the broker's docs.
    pub timestamp: Option<DateTime<Utc>>,
    /// The broker's id, byte for byte; [`fetch_alert`](crate::GenericBroker::fetch_alert) takes it.
    pub id: String,
    /// The name by which people know it.
    pub name: String,
    /// Right ascension in degrees, ICRS, 0 ≤ ra < 360.
    pub ra: Option<f64>,
    /// Declination in degrees, ICRS, −90 ≤ dec ≤ 90.
    pub dec: Option<f64>,
    /// A magnitude that was measured; never a limit.
    pub mag: Option<f64>,
    /// What this means is said by the broker's [`BrokerInfo::score`](crate::BrokerInfo).
    pub score: Option<f64>,
    /// The page of this object for people.
    pub url: Option<Url>,
}

impl GenericAlert {
    /// An alert whose id is its name, with nothing else known.
    #[inline]
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self { name: id.clone(), id, ..Self::default() }
    }

    /// The plain sidereal target at this position.
    ///
    /// The full target, with aliases, extras and orbital elements, comes from
    /// [`AnyAlert::to_target`].
    ///
    /// # Errors
    /// [`ErrorKind::Input`] without a position: an alert that is not localised is no target.
    pub fn to_target(&self) -> Result<Target> {
        match (self.ra, self.dec) {
            (Some(ra), Some(dec)) => Target::sidereal(&self.name, ra, dec),
            _ => Err(Error::new(ErrorKind::Input, "the alert has no position, so it cannot become a target")
                .with("name", &self.name)),
        }
    }

    /// The target of an object of the solar system that comes without an orbit: where it was at
    /// the timestamp, with the extra `moving`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] as [`Target::non_sidereal`].
    pub fn to_moving_target(&self) -> Result<Target> {
        let position = self.ra.zip(self.dec).map(|(ra, dec)| PositionHint {
            ra,
            dec,
            time: self.timestamp,
            uncertainty: None,
        });
        let orbit = NonSidereal { position, ..NonSidereal::default() };
        Ok(Target::non_sidereal(&self.name, orbit)?.with_extra("moving", true))
    }

    /// The same alert when it has an id and every number in it may leave the crate. One without a name
    /// has its id for one.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] without an id, for one that was not valid UTF-8, or naming each number that is not finite or out of range.
    pub fn checked(mut self) -> Result<Self> {
        self.check()?;
        Ok(self)
    }

    /// As [`checked`](Self::checked), where it stands: an alert is not moved for it.
    #[inline]
    pub(crate) fn check(&mut self) -> Result<()> {
        let within =
            |value: Option<f64>, low: f64, high: f64| value.is_none_or(|v| (low..=high).contains(&v));
        let sound = within(self.ra, 0.0, 360.0)
            && within(self.dec, -90.0, 90.0)
            && within(self.mag, f64::MIN, f64::MAX)
            && within(self.score, f64::MIN, f64::MAX);
        if !sound {
            return Err(self.out_of_range());
        }
        if self.id.is_empty() {
            return Err(Error::new(ErrorKind::Unreadable, "the alert has no id").with("name", &self.name));
        }
        // It is not known what the invalid bytes were, and another id must not be made of them.
        if self.id.contains(char::REPLACEMENT_CHARACTER) {
            let text = "the alert's id is not valid UTF-8";
            return Err(Error::new(ErrorKind::Unreadable, text).with("id", &self.id));
        }
        if self.name.is_empty() {
            self.name.clone_from(&self.id);
        }
        // 360 is the same place as 0, and one of the two must be the name of it.
        if self.ra == Some(360.0) {
            self.ra = Some(0.0);
        }
        Ok(())
    }

    #[cold]
    fn out_of_range(&self) -> Error {
        let mut error = Error::new(ErrorKind::Unreadable, "a number of the alert is out of range");
        for (key, value, within) in [
            ("ra", self.ra, 0.0..=360.0),
            ("dec", self.dec, -90.0..=90.0),
            ("mag", self.mag, f64::MIN..=f64::MAX),
            ("score", self.score, f64::MIN..=f64::MAX),
        ] {
            if let Some(value) = value.filter(|value| !within.contains(value)) {
                error = error.with(key, value);
            }
        }
        error.with("name", &self.name)
    }
}

impl fmt::Display for GenericAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let (Some(ra), Some(dec)) = (self.ra, self.dec) {
            write!(f, " at {ra:.5} {dec:+.5}")?;
        }
        if let Some(mag) = self.mag {
            write!(f, ", mag {mag:.2}")?;
        }
        if let Some(time) = self.timestamp {
            write!(f, ", {}", time.format("%Y-%m-%d %H:%M:%S"))?;
        }
        Ok(())
    }
}

/// A broker's packet with the text it came as.
///
/// Derefs to the packet. Serialises to the text, which is valid JSON: the original, mended where
/// it held bare `NaN` tokens, remade where the wire was not JSON. A cached alert loses nothing.
///
/// Small packets of one page share the memory of their texts, some 8 KiB at a time.
#[derive(Debug, Clone)]
pub struct Alert<P> {
    packet: P,
    raw: Excerpt,
}

/// A part of a text that others share.
#[derive(Clone)]
pub(crate) struct Excerpt {
    text: Arc<str>,
    part: Range<usize>,
}

impl Excerpt {
    /// A part that lies on the text's characters; anything else is an empty one.
    pub(crate) fn new(text: Arc<str>, part: Range<usize>) -> Self {
        Self { text, part }
    }

    fn as_str(&self) -> &str {
        self.text.get(self.part.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl<P> Alert<P> {
    /// A packet and its own text, which must be valid JSON.
    #[must_use]
    pub fn new(packet: P, raw: impl Into<Arc<str>>) -> Self {
        let text = raw.into();
        let part = 0..text.len();
        Self { packet, raw: Excerpt { text, part } }
    }

    /// A packet whose text is a part of one that others share.
    pub(crate) fn within(packet: P, raw: Excerpt) -> Self {
        Self { packet, raw }
    }

    /// The text of the packet.
    #[must_use]
    pub fn raw(&self) -> &str {
        self.raw.as_str()
    }

    /// The packet alone.
    #[must_use]
    pub fn into_packet(self) -> P {
        self.packet
    }

    /// The packet made into another one, beside the same text.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn map<Q>(self, f: impl FnOnce(P) -> Result<Q>) -> Result<Alert<Q>> {
        Ok(Alert { packet: f(self.packet)?, raw: self.raw })
    }
}

impl<P: serde::de::DeserializeOwned> Alert<P> {
    /// Reads a packet from its text, as [`raw`](Self::raw) gave it or a service sent it. Bare `NaN`
    /// and `Infinity` tokens become `null`, in the packet and in its text, which is JSON then.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] naming the field at fault.
    pub fn from_raw(raw: &str) -> Result<Self> {
        let packet = crate::wire::json_text(raw)?;
        let text: Arc<str> = crate::wire::mend_nan(raw).map_or_else(|| Arc::from(raw), Arc::from);
        Ok(Self::new(packet, text))
    }
}

impl<P: Serialize> Alert<P> {
    /// A packet that did not come as JSON; its text is remade from it.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when the packet cannot be written as JSON.
    pub fn remade(packet: P) -> Result<Self> {
        let raw = serde_json::to_string(&packet).map_err(|e| {
            Error::new(ErrorKind::Unreadable, "the packet cannot be written as JSON").because(e)
        })?;
        Ok(Self::new(packet, raw))
    }
}

impl<P> Deref for Alert<P> {
    type Target = P;
    fn deref(&self) -> &P {
        &self.packet
    }
}

impl<P> Serialize for Alert<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        raw_json(self.raw(), serializer)
    }
}

fn raw_json<S: Serializer>(raw: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<&RawValue>(raw).map_err(serde::ser::Error::custom)?.serialize(serializer)
}

/// How a broker makes the full target of a packet.
pub trait ToTarget<P>: Send + Sync {
    /// The full target: aliases, extras, orbital elements.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the packet has no position or orbit.
    fn to_target(&self, alert: &Alert<P>, generic: &GenericAlert) -> Result<Target>;

    /// Whose object it is, when it was observed and what its position is.
    fn provenance(&self, _alert: &Alert<P>, generic: &GenericAlert) -> Provenance {
        Provenance::of_object(&generic.name).observed_at(generic.timestamp)
    }
}

/// An alert of any broker: generic, raw, and typed again on request. Cheap to clone.
#[derive(Clone)]
pub struct AnyAlert(Arc<dyn Erased>);

trait Erased: Send + Sync {
    fn broker(&self) -> &str;
    fn generic(&self) -> &GenericAlert;
    fn raw(&self) -> &str;
    fn to_target(&self) -> Result<Target>;
    fn provenance(&self) -> Provenance;
    fn alert(&self) -> &dyn Any;
}

struct Held<P> {
    broker: &'static str,
    generic: GenericAlert,
    alert: Alert<P>,
    maker: Arc<dyn ToTarget<P>>,
}

impl<P: Send + Sync + 'static> Erased for Held<P> {
    fn broker(&self) -> &str {
        self.broker
    }
    fn generic(&self) -> &GenericAlert {
        &self.generic
    }
    fn raw(&self) -> &str {
        self.alert.raw()
    }
    fn to_target(&self) -> Result<Target> {
        self.maker.to_target(&self.alert, &self.generic).map_err(|e| e.at(self.broker))
    }
    fn provenance(&self) -> Provenance {
        self.maker.provenance(&self.alert, &self.generic)
    }
    fn alert(&self) -> &dyn Any {
        &self.alert
    }
}

impl AnyAlert {
    /// Erases a typed alert. Brokers do this; a program gets it from a stream.
    #[must_use]
    pub fn new<P: Send + Sync + 'static>(
        broker: &'static str,
        generic: GenericAlert,
        alert: Alert<P>,
        maker: Arc<dyn ToTarget<P>>,
    ) -> Self {
        Self(Arc::new(Held { broker, generic, alert, maker }))
    }

    /// The broker it came from.
    #[must_use]
    pub fn broker(&self) -> &str {
        self.0.broker()
    }

    /// The eight things every broker gives.
    #[must_use]
    pub fn generic(&self) -> &GenericAlert {
        self.0.generic()
    }

    /// The packet's own text, valid JSON.
    #[must_use]
    pub fn raw(&self) -> &str {
        self.0.raw()
    }

    /// The full target: aliases, extras, orbital elements.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the alert has no position or orbit.
    pub fn to_target(&self) -> Result<Target> {
        self.0.to_target()
    }

    /// Whose object it is, when it was observed and what its position is.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.0.provenance()
    }

    /// The typed alert, when `P` is the packet of its broker.
    #[must_use]
    pub fn typed<P: 'static>(&self) -> Option<&Alert<P>> {
        self.0.alert().downcast_ref()
    }
}

impl fmt::Debug for AnyAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyAlert").field("broker", &self.broker()).field("generic", self.generic()).finish()
    }
}

impl Serialize for AnyAlert {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        raw_json(self.raw(), serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_keys_in_toms_order_and_missing_is_null() {
        let json = serde_json::to_string(&GenericAlert::new("a")).unwrap();
        assert_eq!(
            json,
            r#"{"timestamp":null,"id":"a","name":"a","ra":null,"dec":null,"mag":null,"score":null,"url":null}"#
        );
    }

    #[test]
    fn numbers_that_may_not_leave_are_named() {
        let alert = GenericAlert { ra: Some(400.0), mag: Some(f64::NAN), ..GenericAlert::new("a") };
        let error = alert.checked().unwrap_err();
        assert_eq!(error.to_string(), "a number of the alert is out of range [ra=400, mag=NaN, name=a]");
        let wrapped = GenericAlert { ra: Some(360.0), ..GenericAlert::new("a") }.checked().unwrap();
        assert_eq!(wrapped.ra, Some(0.0));
    }

    #[test]
    fn an_alert_without_an_id_does_not_leave() {
        let alert = GenericAlert { name: "SN 2026abc".into(), ..GenericAlert::default() };
        assert_eq!(alert.checked().unwrap_err().to_string(), "the alert has no id [name=SN 2026abc]");
        let nameless = GenericAlert { name: String::new(), ..GenericAlert::new("7") };
        assert_eq!(nameless.checked().unwrap().name, "7");
    }

    #[test]
    fn an_alert_without_position_is_no_target() {
        let error = GenericAlert::new("S230518h").to_target().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input);
        assert!(error.to_string().contains("no position"), "{error}");
    }

    #[test]
    fn a_packet_that_is_made_into_another_keeps_its_text() {
        let alert = Alert::<Option<u8>>::from_raw(" 7").unwrap();
        let none = || Error::new(ErrorKind::NotFound, "no such object");
        let whole = alert.clone().map(|packet| packet.ok_or_else(none)).unwrap();
        assert_eq!((*whole, whole.raw()), (7, " 7"));
        assert!(alert.map(|_| Err::<u8, _>(none())).is_err());
    }

    #[test]
    fn a_moving_target_has_its_last_position_and_says_so() {
        let alert = GenericAlert { ra: Some(1.0), dec: Some(-2.0), ..GenericAlert::new("2026 AB") };
        let target = alert.to_moving_target().unwrap();
        assert_eq!((target.target_type(), target.position()), ("NON_SIDEREAL", Some((1.0, -2.0))));
        assert_eq!(target.extras["moving"], "true");
        assert_eq!(GenericAlert::new("2026 AC").to_moving_target().unwrap().position(), None);
    }

    #[test]
    fn an_alert_serialises_to_its_own_text() {
        let alert = Alert::<serde_json::Value>::from_raw(r#"{"b": 1.50, "a":2}"#).unwrap();
        assert_eq!(serde_json::to_string(&alert).unwrap(), r#"{"b": 1.50, "a":2}"#);
    }
}
