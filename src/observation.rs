//! `ObservationRecord`: what submitting an observation upstream needs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::target::Target;

/// An observation that was asked for or made, with TOM Toolkit's field names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservationRecord {
    /// What is observed.
    pub target: Target,
    /// The facility's name, for example `LCO`.
    pub facility: String,
    /// The facility's id of the observation.
    pub observation_id: String,
    /// The facility's state of it, for example `PENDING` or `COMPLETED`.
    #[serde(default)]
    pub status: String,
    /// What the facility was asked for, as it was asked.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// When it is to begin.
    #[serde(default)]
    pub scheduled_start: Option<DateTime<Utc>>,
    /// When it is to end.
    #[serde(default)]
    pub scheduled_end: Option<DateTime<Utc>>,
}
