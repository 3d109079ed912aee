//! Alert brokers of time-domain astronomy behind one interface.
//!
//! A *broker* (ALeRCE and its like) publishes what changes in the sky; a *TOM*, a Target and
//! Observation Manager, asks it. This crate is the part between them, with the names of Python's TOM
//! Toolkit: ask a broker, make a [`Target`] of its alert, take the light curve along, keep it all in
//! a [`TargetStore`].
//!
//! # From a query to targets in a store
//!
//! ```
//! # #[cfg(all(feature = "alerce", feature = "testing"))] {
//! use tom_alerts::{Config, IngestOptions, MemoryStore, Registry};
//! # use tom_alerts::{TargetStore, http::{Http, Response}, testing::ScriptedTransport};
//! # let page = r#"{"items": [{"oid": "ZTF20acobvxk", "meanra": 37.67, "meandec": -14.57}]}"#;
//! # let wire = ScriptedTransport::new(move |_| Ok(Response::new(200, vec![], page.into())));
//! # let http = Http::with_transport(std::sync::Arc::new(wire), &Default::default());
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! let config = Config::new();
//! let registry = Registry::from_config(&config)?;
//! # let registry = Registry::with_http(&config, &http)?;
//! let alerce = registry.broker("ALeRCE")?;
//! let query = serde_json::json!({ "class": "SNIa", "probability": 0.6 });
//! let store = MemoryStore::new();
//! let options = IngestOptions::new();
//! let done = alerce.fetch_and_save_all(query.as_object().unwrap(), &store, options).await?;
//! assert_eq!(done.report.created, 1);
//! assert_eq!(done.targets[0].name, "ZTF20acobvxk");
//! # assert_eq!(store.count_targets().await?, 1);
//! # Ok::<(), tom_alerts::Error>(()) }).unwrap();
//! # }
//! ```
//!
//! # Where things are
//!
//! | to | see |
//! |---|---|
//! | find a broker by name | [`Registry`], [`Config`] |
//! | ask it, whichever it is | [`GenericBroker`], [`AlertStream`] |
//! | ask one broker with types | [`Client`], [`brokers`] |
//! | read an alert | [`GenericAlert`], [`AnyAlert`], [`Alert`] |
//! | draw or check a query form | [`form`], [`GenericBroker::form`] |
//! | keep targets, data and queries | [`store`], [`ingest`], [`BrokerQuery`] |
//! | convert times, places, fluxes, bands | [`time`], [`sky`], [`flux`], [`band`] |
//! | come from Python's TOM Toolkit | [`guide::coming_from_python`] |
//! | publish over Kafka | [`kafka`] |
//! | write a broker | [`guide::writing_a_broker`], [`plugin`], [`Protocol`], [`testing`](https://docs.rs/tom-alerts/latest/tom_alerts/testing/) |
//! | know what went wrong | [`Error`], [`ErrorKind`] |
//!
//! # Typed calls and calls to any broker
//!
//! [`Client`] of one broker takes and returns its own types; [`GenericBroker`] takes parameters and
//! returns [`AnyAlert`], with TOM Toolkit's names. Both do the same:
//!
//! | typed, [`Client`] | any broker, [`GenericBroker`] |
//! |---|---|
//! | [`alerts`](Client::alerts), [`alerts_from`](Client::alerts_from) | [`fetch_alerts`](GenericBroker::fetch_alerts), [`resume_alerts`](GenericBroker::resume_alerts) |
//! | [`alert`](Client::alert) | [`fetch_alert`](GenericBroker::fetch_alert) |
//! | [`data`](Client::data) | [`reduced_data`](GenericBroker::reduced_data) |
//! | [`classes`](Client::classes) | [`classifications`](GenericBroker::classifications) |
//! | [`images`](Client::images) | [`cutouts`](GenericBroker::cutouts) |
//! | [`generic`](Client::generic) | [`to_generic_alert`](GenericBroker::to_generic_alert) |
//! | [`target`](Client::target) | [`to_target`](GenericBroker::to_target) |
//!
//! [`Client::erase`] makes an [`AnyAlert`] of a typed alert; [`AnyAlert::typed`] gives it back.
//!
//! # Rules that hold everywhere
//!
//! - Degrees and ICRS; cone radii in arcsec; times in UTC to the microsecond, converted once where
//!   they come in. `None` is unknown: never 0, NaN or −999.
//! - A detection has a magnitude, a non-detection a limit; the two are never confused.
//! - What comes in is read leniently: unknown fields, numbers as text, nulls, bare `NaN`. What goes
//!   out is finite, in range and checked before it is sent.
//! - One bad item is one error and the rest goes on. A failed save leaves the store as it was.
//! - No secret is ever in an error, a log line or a `Debug`, nor an address with its query. An error
//!   quotes the parameter at fault, the service's words without what looks like a key, and how a bad
//!   item begins. A credential that a service repeats is masked, from four characters on.
//! - Futures and streams run on tokio and stop when they are dropped.
//!
//! # Features
//!
//! One for each broker, named like it in lower case (`alerce`), and `rustls` for https: these are the
//! default. `sqlite` brings [`SqliteStore`](store), `toml` configuration files, `testing` the suites
//! for brokers and stores of your own, `kafka` what publishes [messages](kafka).
//!
//! # What may grow
//!
//! A minor version may add fields, variants, methods with a default, and brokers. Where that could
//! break a program the type is `non_exhaustive` and has a `new`, or a `Default` whose fields are set.
//!
//! Structs that are filled in by hand are open instead: queries, configurations, [`Photometry`] and
//! its like, [`Capabilities`]. Write them with `..Default::default()` (`..Capabilities::NONE`), and a
//! new field is no break.
//!
//! What services name (classes, columns, keys) follows the services at any time.
//!
//! # Types of other crates
//!
//! These stand in public signatures, so a major version of theirs is one of this crate. No other does.
//!
//! | crate | what, and why |
//! |---|---|
//! | [`bytes`](https://docs.rs/bytes) | `Bytes`: bodies are sliced without copying |
//! | [`chrono`](https://docs.rs/chrono) | `DateTime<Utc>`: every instant |
//! | [`futures_core`](https://docs.rs/futures-core) | `Stream`, which an [`AlertStream`] is and is made of |
//! | [`garde`](https://docs.rs/garde) | `Validate`: the rules of a [`Form`](form::Form) |
//! | [`reqwest`](https://docs.rs/reqwest) | `Client`, in [`HttpTransport::from_reqwest`](http::HttpTransport::from_reqwest) alone: a client with settings of your own |
//! | [`schemars`](https://docs.rs/schemars) | `JsonSchema`: a form is its own schema |
//! | [`serde`](https://docs.rs/serde) | its traits: everything that is kept or sent |
//! | [`serde_json`](https://docs.rs/serde_json) | `Value`, `Map`, `RawValue`: parameters, and what services say beyond the typed fields |
//! | [`url`](https://docs.rs/url) | `Url`: addresses that are known to be ones |
//!
//! `serde`, `serde_json`, `schemars` and `garde` are re-exported by [`plugin`]. The asynchronous traits
//! are written with `async-trait`; whoever implements one uses that crate too.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod alert;
pub mod band;
mod broker;
#[path = "../brokers/mod.rs"]
pub mod brokers;
mod call;
mod caller;
mod client;
mod config;
mod error;
mod extra;
mod feed;
pub mod flux;
pub mod form;
pub mod guide;
pub mod http;
mod info;
pub mod ingest;
pub mod kafka;
mod keyset;
mod known;
mod observation;
mod page;
mod pages;
pub mod plugin;
pub mod points;
mod protocol;
mod provenance;
mod query;
mod reader;
pub mod reduced_datum;
pub mod registry;
mod resume;
mod secret;
mod session;
pub mod sky;
pub mod store;
mod stream;
mod survey;
pub mod target;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
pub mod time;
mod unread;
pub mod wire;

#[doc(inline)]
pub use alert::{Alert, AnyAlert, GenericAlert};
pub use broker::{GenericBroker, Parameters};
pub use call::Call;
pub use client::{Client, ClientSettings, ObjectOf};
pub use config::Config;
pub use error::{Asked, Error, ErrorKind, Problem, Result};
pub use extra::Extra;
pub use feed::{Feed, Placed};
pub use info::{BrokerInfo, Capabilities, Checked, ServiceStatus};
#[doc(inline)]
pub use ingest::{Cancel, IngestOptions, Ingested};
pub use observation::ObservationRecord;
pub use page::{Items, Page, Slot};
#[doc(inline)]
pub use points::Points;
pub use protocol::{DryRun, Protocol, Receipt, Subject, Upstream};
pub use provenance::{PositionKind, Provenance};
pub use query::BrokerQuery;
#[doc(inline)]
pub use reduced_datum::{
    Astrometry, Classification, Cutout, CutoutKind, Datum, Photometry, ReducedData, ReducedDatum,
    Spectroscopy,
};
#[doc(inline)]
pub use registry::Registry;
pub use resume::{Cursor, ResumeToken};
pub use secret::Secret;
pub use session::{Session, Token};
#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use store::SqliteStore;
#[doc(inline)]
pub use store::{MemoryStore, TargetStore};
pub use stream::AlertStream;
#[doc(inline)]
pub use survey::Survey;
#[doc(inline)]
pub use target::Target;
pub use text::Text;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
