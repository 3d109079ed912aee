//! `ObservationRecord`: what submitting an observation upstream needs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::target::Target;

/// An observation that was asked for or made, with TOM Toolkit's field names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
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

impl ObservationRecord {
    /// An observation of a target by a facility, under the facility's id of it.
    #[must_use]
    pub fn new(target: Target, facility: impl Into<String>, observation_id: impl Into<String>) -> Self {
        Self {
            target,
            facility: facility.into(),
            observation_id: observation_id.into(),
            status: String::new(),
            parameters: Map::new(),
            scheduled_start: None,
            scheduled_end: None,
        }
    }

    /// Sets the facility's state of it.
    #[must_use]
    pub fn with_status(mut self, status: impl Into<String>) -> Self {
        self.status = status.into();
        self
    }

    /// Sets what the facility was asked for.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Map<String, Value>) -> Self {
        self.parameters = parameters;
        self
    }
}
