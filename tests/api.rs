//! What a program may rely on: types cross threads, traits make objects, futures can be spawned.
//! It is checked when it is compiled.

use std::fmt::{Debug, Display};
use std::future::Future;
use std::sync::Arc;

use serde_json::Value;
use tom_alerts::http::{
    Body, Http, HttpConfig, HttpTransport, Limits, Method, Quota, Request, Response, Root,
};
use tom_alerts::kafka::{Cluster, Delivery, Login, Mechanism, Message, MessageSink};
use tom_alerts::plugin::{Link, OtherDatum, Rows};
use tom_alerts::store::{Counts, Entry, SourcedClassification};
use tom_alerts::{
    Alert, AlertStream, AnyAlert, Asked, BrokerInfo, BrokerQuery, Call, Cancel, Capabilities, Classification,
    ClientSettings, Config, Cursor, Cutout, Datum, DryRun, Error, ErrorKind, Extra, Feed, GenericAlert,
    GenericBroker, IngestOptions, Ingested, MemoryStore, ObservationRecord, Page, Parameters, Photometry,
    Placed, Points, Problem, Receipt, ReducedData, ReducedDatum, Registry, ResumeToken, Secret, Session,
    Slot, Subject, Target, TargetStore, Text, Token, Upstream, alert, form, http, ingest, registry, target,
};

/// May be kept in a task, shared between threads, and printed.
fn shared<T: Debug + Send + Sync + 'static>() {}

/// May go to another thread, where one at a time holds it.
fn moved<T: Debug + Send + 'static>() {}

fn cloned<T: Clone + Debug + Send + Sync + 'static>() {}

fn failing<T: std::error::Error + Display + Send + Sync + 'static>() {}

/// May be spawned.
fn spawned<F: Future + Send>(_: F) {}

macro_rules! all {
    ($check:ident: $($type:ty),* $(,)?) => { $($check::<$type>();)* };
}

#[test]
fn types_cross_threads() {
    all!(cloned: AnyAlert, Alert<Value>, GenericAlert, Target, target::Coordinates, target::Elements,
        ReducedDatum, Datum, OtherDatum, Photometry, Text, Extra, Classification, Cutout, ObservationRecord, BrokerQuery);
    all!(cloned: Config, Registry, registry::Plugin, registry::BrokerReport, BrokerInfo, Capabilities,
        ClientSettings, Cursor, ResumeToken, Asked, Feed, DryRun, Receipt, Secret, Session, Token, Problem, ErrorKind);
    all!(cloned: Http, HttpConfig, HttpTransport, Limits, Request, Response, Root, Link, Quota, Method, Body,
        Cluster, Login, Mechanism, Message, Delivery, form::Field);
    all!(cloned: Entry, Counts, SourcedClassification, IngestOptions, Cancel);
    all!(shared: Error, ReducedData, Ingested, ingest::IngestReport, ingest::Failure, MemoryStore, Rows<Value>,
        Points<'static>, Subject<'static, Value>, Upstream<'static>);
    // What runs steps of a plugin, or reads from a connection, has one owner at a time.
    all!(moved: AlertStream<AnyAlert>, AlertStream<Alert<Value>>, Call<Receipt>, Page<Value>, Slot<Value>,
        Placed<Value>);
    all!(failing: Error);
}

#[cfg(feature = "sqlite")]
#[test]
fn the_sqlite_store_crosses_threads() {
    cloned::<tom_alerts::SqliteStore>();
}

#[cfg(feature = "testing")]
#[test]
fn what_tests_are_made_of_crosses_threads() {
    use tom_alerts::testing::{Evidence, ScriptedSink, ScriptedTransport};
    all!(cloned: Evidence, ScriptedSink, ScriptedTransport);
}

#[cfg(feature = "alerce")]
#[test]
fn a_client_is_a_broker_that_crosses_threads() {
    use tom_alerts::brokers::alerce::AlerceBroker;
    cloned::<AlerceBroker>();
    let _: fn(AlerceBroker) -> Arc<dyn GenericBroker> = |client| Arc::new(client);
}

#[test]
fn traits_make_objects_that_cross_threads() {
    all!(cloned: Arc<dyn GenericBroker>, Arc<dyn TargetStore>, Arc<dyn http::Transport>, Arc<dyn MessageSink>);
    fn maker<P>(_: Option<Arc<dyn alert::ToTarget<P>>>) {}
    maker::<Value>(None);
}

/// Those of the crate docs; the list itself is kept by eye.
#[test]
fn the_crates_whose_types_are_public_are_dependencies_that_are_always_there() {
    let docs = include_str!("../src/lib.rs");
    let (_, list) = docs.split_once("//! # Types of other crates\n").unwrap();
    let rows = list.lines().take_while(|line| line.starts_with("//!"));
    let named: Vec<_> = rows
        .filter_map(|row| row.strip_prefix("//! | [`")?.split_once("`]("))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(named.len(), 9, "{named:?}");
    let manifest: toml::Table = include_str!("../Cargo.toml").parse().unwrap();
    for name in named {
        let dependency = manifest["dependencies"]
            .get(name.replace('_', "-"))
            .or_else(|| manifest["dependencies"].get(name));
        let dependency = dependency.unwrap_or_else(|| panic!("{name} is no dependency"));
        assert_eq!(dependency.get("optional"), None, "{name}");
    }
}

/// Never called: that it compiles is the test.
#[allow(dead_code, reason = "it is enough that it compiles")]
fn calls_can_be_spawned(
    broker: &dyn GenericBroker,
    store: &dyn TargetStore,
    registry: &'static Registry,
    query: &'static mut BrokerQuery,
    mut alerts: AlertStream<AnyAlert>,
    http: &'static Http,
    request: Request,
) {
    let parameters: &'static Parameters = Box::leak(Box::default());
    spawned(broker.fetch_alert("id"));
    spawned(broker.reduced_data("id", None));
    spawned(broker.classifications("id", None));
    spawned(broker.cutouts("id", None));
    spawned(broker.submit_upstream_alert(Upstream::default(), parameters));
    spawned(broker.fetch_and_save_all(parameters, store, IngestOptions::new()));
    spawned(BrokerQuery::save("name", broker, parameters, store));
    spawned(query.run(registry, store));
    spawned(store.save_all(&[]));
    spawned(store.targets(None, 1));
    spawned(tom_alerts::store::open("memory:"));
    spawned(http.send(request));
    spawned(async move { alerts.try_next().await });
}
