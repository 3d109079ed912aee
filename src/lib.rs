//! Alert brokers of time-domain astronomy behind one interface.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod alert;
pub mod band;
mod broker;
#[path = "../brokers/mod.rs"]
pub mod brokers;
mod call;
mod client;
mod config;
mod error;
pub mod flux;
pub mod form;
pub mod http;
pub mod ingest;
mod observation;
pub mod plugin;
mod protocol;
mod query;
pub mod reduced_datum;
pub mod registry;
pub mod secret;
pub mod sky;
pub mod store;
mod stream;
pub mod target;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
pub mod wire;

pub use alert::{Alert, AnyAlert, GenericAlert};
pub use broker::{BrokerInfo, Capabilities, GenericBroker, Parameters, ServiceStatus};
pub use call::{Call, Chain, Join, Then};
pub use client::{Client, ClientSettings};
pub use config::Config;
pub use error::{Error, ErrorKind, Problem, Result};
pub use ingest::{Cancel, IngestOptions, Ingested};
pub use observation::ObservationRecord;
pub use protocol::{Cursor, Page, Protocol, Receipt, Slot, Subject, Upstream};
pub use query::BrokerQuery;
pub use reduced_datum::{
    Astrometry, Classification, Cutout, CutoutKind, Datum, Photometry, ReducedData, ReducedDatum, Spectroscopy,
};
pub use registry::Registry;
pub use secret::Secret;
pub use store::{MemoryStore, TargetStore};
#[cfg(feature = "sqlite")]
pub use store::SqliteStore;
pub use stream::{AlertStream, ResumeToken};
pub use target::Target;
