//! `Provenance`: whose object an alert is of, when it was observed, and what its position is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Whose object an alert is of, when it was observed, and what its position is.
///
/// A store uses it to decide which target an alert belongs to and which of two values is newer. A
/// broker makes it of a packet in [`Protocol::provenance`](crate::Protocol::provenance).
///
/// ```
/// use tom_alerts::{PositionKind, Provenance};
/// let alert = Provenance::of_object("ZTF20acobvxk").mean_of(Some(12)).with_position_error(Some(0.1));
/// assert_eq!(alert.position, PositionKind::Mean);
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Provenance {
    /// The broker's own id of the object, never that of one alert of it. It stays the same when the
    /// object is renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// The broker's id of this one alert, where it has alerts of objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert_id: Option<String>,
    /// When the newest observation in the alert was made, UTC: of two values of one broker the one
    /// that was observed later is kept. `None` where the broker does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<DateTime<Utc>>,
    /// What the position is.
    pub position: PositionKind,
    /// The error of the position that the broker states, arcsec, 1σ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_error: Option<f64>,
    /// How many detections the position is the mean of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detections: Option<u64>,
    /// Whether the data that the broker gives for the alert are its own, as those of a message, and not
    /// all that are known of the object: each alert of the object is then asked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own_data: bool,
}

/// What the position of an alert is, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PositionKind {
    /// The mean of an object's detections.
    Mean,
    /// That of a single detection.
    Single,
    /// As somebody reported it.
    #[default]
    Reported,
}

impl Provenance {
    /// An alert of the object that its broker calls so, with a reported position.
    #[must_use]
    pub fn of_object(id: impl Into<String>) -> Self {
        Self { object_id: Some(id.into()).filter(|id: &String| !id.trim().is_empty()), ..Self::default() }
    }

    /// Sets the broker's id of this one alert.
    #[must_use]
    pub fn of_alert(mut self, id: impl Into<String>) -> Self {
        self.alert_id = Some(id.into()).filter(|id: &String| !id.trim().is_empty());
        self
    }

    /// Sets when the newest observation in it was made.
    #[must_use]
    pub fn observed_at(mut self, time: Option<DateTime<Utc>>) -> Self {
        self.observed_at = time;
        self
    }

    /// The position is the mean of so many detections.
    #[must_use]
    pub fn mean_of(mut self, detections: Option<u64>) -> Self {
        self.position = PositionKind::Mean;
        self.detections = detections;
        self
    }

    /// The position is that of a single detection.
    #[must_use]
    pub fn single(mut self) -> Self {
        self.position = PositionKind::Single;
        self
    }

    /// The data that the broker gives for the alert are its own, not all that are known of the object.
    #[must_use]
    pub fn with_own_data(mut self) -> Self {
        self.own_data = true;
        self
    }

    /// Sets the stated error of the position in arcsec; one that is not finite and positive is unknown.
    #[must_use]
    pub fn with_position_error(mut self, arcsec: Option<f64>) -> Self {
        self.position_error = arcsec.filter(|error| error.is_finite() && *error > 0.0);
        self
    }
}
