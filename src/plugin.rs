//! The prelude of plugin authors: `use tom_alerts::plugin::*;` is all that a broker imports.
//!
//! The derive crates of forms are re-exported, so that a plugin of another crate follows this
//! crate's versions; its own `Cargo.toml` lists `serde`, `schemars` and `garde` beside
//! `tom-alerts`, because the derives name them.

pub use std::time::Duration;

pub use chrono::{DateTime, Utc};
pub use garde::Validate;
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
pub use serde_json::value::RawValue;
pub use serde_json::{Map, Value, json};
pub use url::Url;
pub use {garde, schemars, serde, serde_json};

pub use crate::alert::{Alert, GenericAlert};
pub use crate::broker::{BrokerInfo, Capabilities, ServiceStatus};
pub use crate::call::{Call, Chain, Join, Sent, Then};
pub use crate::client::Client;
pub use crate::error::{Error, ErrorKind, Problem, Result};
pub use crate::extra::Extra;
pub use crate::form::{Form, NoForm, Rules};
pub use crate::http::{Link, Quota, Request, Response, Root};
pub use crate::kafka::{Cluster, Login, Message};
pub use crate::keyset::{Order, Part, Stretch};
pub use crate::observation::ObservationRecord;
pub use crate::points::Points;
pub use crate::protocol::{Cursor, Items, Page, Protocol, Receipt, Slot, Subject, Upstream};
pub use crate::provenance::{PositionKind, Provenance};
pub use crate::reduced_datum::{
    Astrometry, Classification, Cutout, CutoutKind, Datum, Image, OtherDatum, Photometry, ReducedData,
    ReducedDatum, Spectroscopy,
};
pub use crate::secret::Secret;
pub use crate::session::{Session, Token};
pub use crate::survey::Survey;
pub use crate::target::{Coordinates, Elements, NonSidereal, PositionHint, Scheme, Sidereal, Target};
pub use crate::text::Text;
pub use crate::wire::Rows;
pub use crate::{band, flux, form, points, sky, time, wire};
