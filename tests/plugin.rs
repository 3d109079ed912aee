//! A broker from outside of the crate: the contract suite, the registry and the configuration with it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::errors::told;
use support::toy::{Toy, ToyConfig, ToyPacket, http, json_answer, object, parameter, service, toy};
use tom_alerts::alert::ToTarget;
use tom_alerts::http::Http;
use tom_alerts::plugin::*;
use tom_alerts::registry::Plugin;
use tom_alerts::testing::{Evidence, Recording, check_broker};
use tom_alerts::{AnyAlert, Config, GenericBroker, Parameters, Registry};

const PLUGIN: Plugin = Plugin::of::<Toy>("toy");

fn map(value: Value) -> Parameters {
    value.as_object().unwrap().clone()
}

fn registry(config: &Config) -> Result<Registry> {
    Registry::with_plugins(config, &http(&service(25, |_| None)), &[PLUGIN])
}

fn problems(config: &Config) -> Vec<String> {
    let error = registry(config).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!error.problems().is_empty(), "{error}");
    error.problems().iter().map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn a_good_plugin_keeps_the_whole_contract() {
    let evidence = || Evidence::listing(map(json!({ "page_size": 4 }))).secret("canary7777");
    let broken = check_broker(Arc::new(toy(&service(9, |_| None))), evidence()).await;
    assert_eq!(broken, Vec::<String>::new());
    let broken = check_broker(Arc::new(toy(&service(9, |_| None))), evidence().data_of("T3")).await;
    assert_eq!(broken, Vec::<String>::new());
}

/// Asks for the items of the second page one by one.
fn half_listed(request: &Request) -> Option<Result<Response>> {
    let second = parameter(request, "page").as_deref() == Some("2");
    let items = json!([{ "id": "T5" }, object(6), { "id": "T7" }]);
    second.then(|| Ok(json_answer(&json!({ "more": false, "items": items }))))
}

#[tokio::test(start_paused = true)]
async fn a_plugin_whose_items_need_a_request_each_keeps_it_too() {
    let script = service(9, half_listed);
    let broken =
        check_broker(Arc::new(toy(&script)), Evidence::listing(map(json!({ "page_size": 4 })))).await;
    assert_eq!(broken, Vec::<String>::new());
    assert!(script.requests().iter().any(|request| request.url().path() == "/api/objects/T5"));
}

/// What the survey answers a broker that lists, fetches one object, and its light curve.
async fn recording() -> Recording {
    let build = |http: &Http| -> Result<Arc<dyn GenericBroker>> {
        let config = ToyConfig { api_key: Some("canary7777".into()), ..ToyConfig::default() };
        Ok(Arc::new(Client::<Toy>::with_http(config, http)?))
    };
    let service = Arc::new(service(3, |_| None));
    let recording = Recording::take(service, build, &Parameters::new(), None).await.unwrap();
    recording
        .essential("/objects", &["more", "total", "items.*.id", "items.*.ra", "items.*.dec"])
        .essential("/objects/T", &["id", "ra", "dec"])
        .essential("/lightcurve", &["*.mjd", "*.mag", "*.band"])
}

#[tokio::test(start_paused = true)]
async fn the_suite_names_each_ornament_that_costs_a_plugin_an_object_or_a_point() {
    let listing = Evidence::listing(map(json!({ "page_size": 4 }))).recording(recording().await);
    let broken = check_broker(Arc::new(toy(&service(9, |_| None))), listing).await;
    // The packet has these as bare numbers, which any text spoils.
    for clause in [
        "listing, GET /api/objects: items.*.mag = \"\"",
        "listing, GET /api/objects: items.*.p = \"\"",
        "listing, GET /api/objects: items.*.mjd = \"\"",
        "one alert, GET /api/objects/T1: mag = \"\"",
        "one alert, GET /api/objects/T1: p = \"\"",
        "one alert, GET /api/objects/T1: mjd = \"\"",
        "light curve, GET /api/objects/T1/lightcurve: *.err = \"\"",
    ] {
        assert!(broken.iter().any(|line| line.starts_with(clause)), "{clause} is not in {broken:#?}");
    }
    assert!(broken.iter().any(|line| line.ends_with("lost 1 of 2 points")), "{broken:#?}");
    // A byte that is no UTF-8 and a row that is none cost no other row.
    assert!(!broken.iter().any(|line| line.contains("UTF-8") || line.contains("with a row")), "{broken:#?}");
    assert!(!format!("{:?}", recording().await).contains("canary7777"));

    let strict = recording()
        .await
        .essential("/objects", &["items.*.mag", "items.*.p", "items.*.mjd"])
        .essential("/objects/T", &["mag", "p", "mjd", "*.err"]);
    assert_eq!(strict.check().await, Vec::<String>::new());
    let unmet = strict.essential("/objects", &["items.*.magpsf"]).check().await;
    assert_eq!(unmet, ["no recorded answer of \"/objects\" has the essential place items.*.magpsf"]);
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_understood_by_its_id_and_by_its_name_unless_that_is_excused() {
    let evidence = || Evidence::listing(Parameters::new());
    // An excuse that is none is told.
    let excused = evidence().not_by_id("an id is of one night");
    let broken = check_broker(Arc::new(toy(&service(9, |_| None))), excused).await;
    assert_eq!(broken, ["the id alone is not understood: an id is of one night"]);
    // The first object is not there by itself.
    let gone = |request: &Request| {
        let alone = request.url().path().starts_with("/api/objects/T1");
        alone.then(|| Ok(Response::new(404, Vec::new(), "{}".into())))
    };
    let broken = check_broker(Arc::new(toy(&service(9, gone))), evidence().data_of("T3")).await;
    assert!(broken.len() == 1 && broken[0].starts_with("T1: an alert is understood by its id alone: "));
    let excused = evidence().data_of("T3").not_by_id("the first was taken back");
    let broken = check_broker(Arc::new(toy(&service(9, gone))), excused).await;
    assert_eq!(broken, Vec::<String>::new());
}

/// The same survey by someone in a hurry.
struct Hasty(Toy, String);

impl std::fmt::Debug for Hasty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hasty({})", self.1)
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
struct HastyQuery {
    #[garde(range(min = 0.0))]
    radius: Option<f64>,
}

impl Form for HastyQuery {}

impl Protocol for Hasty {
    const INFO: &'static BrokerInfo = &BrokerInfo::new("Hasty", "?", "nowhere").can(Capabilities {
        list: true,
        one: true,
        cutouts: true,
        cone: true,
        submit: true,
        ..Capabilities::NONE
    });
    type Config = ToyConfig;
    type Query = HastyQuery;
    type Packet = ToyPacket;
    type Submission = NoForm;

    fn new(config: ToyConfig) -> Result<Self> {
        let key = config.api_key.clone().map_or_else(String::new, |key| key.expose().to_owned());
        Ok(Self(Toy::new(config)?, key))
    }
    fn listing(&self, _: &HastyQuery, at: &Cursor) -> Result<Request> {
        self.0.listing(&support::toy::ToyQuery::default(), at)
    }
    fn page(&self, _: &HastyQuery, at: &Cursor, response: Response) -> Result<Page<ToyPacket>> {
        self.0.page(&support::toy::ToyQuery::default(), at, response)
    }
    fn to_generic_alert(&self, alert: &Alert<ToyPacket>) -> Result<GenericAlert> {
        let name = match &*alert.id {
            "T2" => "",
            "T3" => "Toy 3",
            id => id,
        };
        Ok(GenericAlert { name: name.to_owned(), ..GenericAlert::new(&alert.id) })
    }
    fn alert(&self, _: &str) -> Result<Call<Alert<ToyPacket>>> {
        self.0.alert("T1")
    }
    fn classifications(&self, _: Subject<'_, ToyPacket>) -> Result<Call<Vec<Classification>>> {
        Ok(Call::Done(vec![Classification { probability: Some(90.0), ..Classification::default() }]))
    }
    fn cone_query(&self, _: f64, _: f64, _: f64) -> Result<Vec<HastyQuery>> {
        Ok(vec![HastyQuery { radius: Some(-3.0) }])
    }

    fn name_query(&self, _: &str) -> Result<Vec<HastyQuery>> {
        Ok(Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn the_suite_says_what_a_hasty_plugin_breaks() {
    let config = ToyConfig { api_key: Some("canary7777".into()), ..ToyConfig::default() };
    let script = service(9, |_| None);
    let hasty = Client::<Hasty>::with_http(config, &http(&script)).unwrap();
    let broken = check_broker(Arc::new(hasty), Evidence::default().secret("canary7777")).await;
    for clause in [
        "it is said in words what the broker is",
        "the home page is a URL",
        "form field radius has a title",
        "form field radius has a description",
        "T2: the alert asked for by its id is the one that comes",
        "Toy 3: the alert asked for by its name is the one that comes",
        "classifications works, but is not declared",
        "a classification is named and its probability is 0 to 1",
        "cutouts is declared, but answers: Hasty: this broker cannot give cutouts",
        "a search that the broker makes is a good query",
        "a search by name has a query",
        "submitting nothing is Input: Hasty: this broker cannot take submissions",
        "Debug shows no secret",
    ] {
        assert!(broken.iter().any(|line| line.starts_with(clause)), "{clause} is not in {broken:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_suite_notices_a_listing_that_cannot_be_read() {
    let script = service(9, |request| {
        (parameter(request, "page").as_deref() == Some("1"))
            .then(|| Ok(json_answer(&json!({ "items": [{ "id": 1 }, object(2)] }))))
    });
    let broken = check_broker(Arc::new(toy(&script)), Evidence::default()).await;
    assert!(
        broken.iter().any(|line| line.starts_with("the recorded listing is read without error")),
        "{broken:?}"
    );
    assert!(broken.contains(&"the recorded listing has at least two alerts".to_owned()), "{broken:?}");
}

#[tokio::test]
async fn a_dry_run_shows_the_checked_form_and_sends_nothing() {
    let script = service(9, |_| None);
    let toy = toy(&script);
    let target = Target::sidereal("T1", 1.0, 2.0).unwrap();
    let what = || Upstream::new(Some(&target), None, &[]);
    let requests = toy.dry_run(what(), &map(json!({ "reporter": "me", "mag": "18.5" }))).unwrap().requests;
    let (_, body) = requests[0].encoded().unwrap();
    assert_eq!(body, "name=T1&reporter=me&mag=18.5&api_key=canary7777".as_bytes());
    assert!(!format!("{requests:?}").contains("canary"));
    let error = toy.dry_run(what(), &map(json!({ "mag": 99, "repoter": "me" }))).unwrap_err();
    let told: Vec<_> = error.problems().iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!((error.kind(), told), (ErrorKind::Input, vec!["reporter", "mag", "repoter"]));
    let error =
        toy.submit_upstream_alert(Upstream::default(), &map(json!({ "reporter": "me" }))).await.unwrap_err();
    assert_eq!(error.to_string(), "Toy: target: only an object can be reported");
    assert!(script.requests().is_empty());
    let receipt = toy.submit_upstream_alert(what(), &map(json!({ "reporter": "me" }))).await.unwrap();
    assert_eq!((receipt.id.as_deref(), script.requests().len()), (Some("7"), 1));
}

#[tokio::test]
async fn a_failure_is_told_in_the_plugins_words_or_the_services() {
    let script = service(9, |request| {
        request.url().path().ends_with("T1").then(|| Ok(Response::new(401, Vec::new(), "{}".into())))
    });
    let toy = toy(&script);
    let error = toy.fetch_alert("T1").await.unwrap_err();
    assert_eq!(error.to_string(), "Toy: the key is not accepted; set brokers.Toy.api_key [status=401]");
    let error = toy.fetch_alert("T77").await.unwrap_err();
    assert_eq!(error.to_string(), "Toy: the service does not have this: no such object [status=404]");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_registry_gives_the_plugin_by_name_and_alias_and_as_itself() {
    let config = Config::new().set("toys.brokers.toybroker", "api_key", "k");
    let registry = registry(&config).unwrap();
    assert_eq!(registry.names(), ["Toy"]);
    for name in ["Toy", "tOY", "toys.brokers.ToyBroker"] {
        assert_eq!(registry.broker(name).unwrap().info().name, "Toy");
    }
    let client: Arc<Client<Toy>> = registry.get_service_class("toy").unwrap().downcast().unwrap();
    let alert = client.alert("T3").await.unwrap();
    assert_eq!((alert.id.as_str(), alert.ra), ("T3", Some(0.3)));
    assert!(registry.broker("Toy").unwrap().downcast::<Hasty>().is_none());
    let report = registry.report();
    assert_eq!((report[0].configured, report[0].missing.as_deref()), (true, None));
    assert_eq!(PLUGIN.config_fields().len(), 3);
}

#[test]
fn an_unknown_broker_is_told_with_those_that_are_there() {
    let told = |name: &str| registry(&Config::new()).unwrap().broker(name).unwrap_err().to_string();
    assert_eq!(told("Nobody"), "no broker is called \"Nobody\"; known: Toy");
    assert_eq!(told("Toyy"), "no broker is called \"Toyy\"; known: Toy; did you mean Toy?");
    let config = Config::from_json(r#"{"alert_classes": ["Toyy"], "brokers": {"Toyz": {}}}"#).unwrap();
    assert_eq!(
        problems(&config),
        [
            "alert_classes: no broker is called \"Toyy\"; known: Toy; did you mean Toy?",
            "brokers.Toyz: no broker is called \"Toyz\"; known: Toy; did you mean Toy?",
        ]
    );
}

#[test]
fn two_brokers_of_one_name_are_a_fault() {
    let mut registry = registry(&Config::new()).unwrap();
    let error = registry.add(Arc::new(toy(&service(1, |_| None)))).unwrap_err();
    assert_eq!((error.kind(), registry.names().len()), (ErrorKind::Config, 1));
    let http = http(&service(1, |_| None));
    let error = Registry::with_plugins(&Config::new(), &http, &[PLUGIN, PLUGIN]).unwrap_err();
    assert_eq!(error.to_string(), "brokers.Toy: two brokers are called \"Toy\"");
}

#[test]
fn all_faults_of_a_configuration_are_told_at_once_without_a_value() {
    let config = Config::from_json(
        r#"{
            "htpp": {},
            "brokers": {"Toy": {
                "api_kye": "canary7777", "api_key": {"canary": "canary7777"}, "base_url": "canary7777",
                "page_size": 5000, "timeout": "canary7777", "max_pages": 0, "max_in_flight": -3
            }}
        }"#,
    )
    .unwrap();
    let problems = problems(&config);
    assert_eq!(
        problems[..4],
        [
            "htpp: no such key; did you mean http?",
            "brokers.Toy.timeout: a number above 0 is due",
            "brokers.Toy.max_pages: a number above 0 is due",
            "brokers.Toy.max_in_flight: a number above 0 is due",
        ]
    );
    let named: Vec<_> = problems[4..].iter().filter_map(|line| line.split(':').next()).collect();
    let due = ["base_url", "api_key", "page_size", "api_kye"].map(|key| format!("brokers.Toy.{key}"));
    assert_eq!(named, due);
    assert!(problems[7].ends_with("did you mean api_key?"), "{problems:?}");
    assert!(!told(&registry(&config).unwrap_err()).contains("7777"));
    assert!(!format!("{config:?}").contains("7777"));
    let error =
        Config::from_json(r#"{"http": {"call_timeout": -1, "contcat": "me"}, "brokers": 1}"#).unwrap_err();
    let fields: Vec<_> = error.problems().iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["http.call_timeout", "http.contcat", "brokers"]);
}

#[test]
fn no_secret_beside_a_fault_of_a_toml_file_is_said() {
    let texts = [
        "[brokers.Toy]\napi_key = \"canary7777\" x\n",
        "[brokers.Toy]\napi_key = \"canary7777\n",
        "[brokers.Toy]\napi_key = canary7777\n",
        "[brokers.Toy]\napi_key = \"canary7777\"\napi_key = \"canary7777\"\n",
        "[brokers.Toy]\napi_key = [[\"canary7777\"]]\npage_size = \"canary7777\"\n",
        "[brokers.Toy]\napi_key = { canary = \"canary7777\" }\n",
        "[brokers]\nToy = \"canary7777\"\n",
        "[http]\ncall_timeout = \"canary7777\"\n",
        "http = \"canary7777\"\n",
        "TOY_API_KEY = [\"canary7777\", \"canary7777\"]\n",
        "alert_classes = \"canary7777\"\n",
    ];
    for text in texts {
        let error = Config::from_toml(text).and_then(|config| registry(&config)).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!told(&error).contains("7777"), "{text}{}", told(&error));
    }
    let error = Config::from_toml("\n\n[http]\ncontact = me\n").unwrap_err();
    assert!(error.to_string().starts_with("line 4: this is not TOML"), "{error}");
}

#[cfg(feature = "alerce")]
#[test]
fn faults_of_http_and_of_every_brokers_table_are_told_at_once() {
    let text = "[http]\ncall_timeout = true\n[brokers.Toy]\nany = 1\n[brokers.ALeRCE]\nbase_ulr = \"canary7777\"\nmax_pages = 0\n";
    let error = Config::from_toml(text).unwrap_err();
    let fields: Vec<_> = error.problems().iter().map(|problem| problem.field.as_str()).collect();
    // Toy may be a plugin of the program's own.
    assert_eq!(fields, ["http.call_timeout", "brokers.ALeRCE.max_pages", "brokers.ALeRCE.base_ulr"]);
    assert!(!told(&error).contains("7777"), "{}", told(&error));
}

#[test]
fn tables_under_both_spellings_of_brokers_are_one() {
    let text = r#"{"BROKERS": {"Toy": {"api_key": "a"}}, "brokers": {"Toy": {"max_pages": 3}}}"#;
    let config = Config::from_json(text).unwrap();
    assert_eq!(config.brokers["Toy"].keys().collect::<Vec<_>>(), ["api_key", "max_pages"]);
}

#[test]
fn a_file_at_fault_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tom.toml");
    let told = |path: &std::path::Path| Config::from_path(path).unwrap_err().to_string();
    assert!(told(&path).contains("cannot be read") && told(&path).contains("tom.toml"));
    std::fs::write(&path, "[http]\ncall_timeout = true").unwrap();
    assert!(told(&path).starts_with("http.call_timeout: "), "{}", told(&path));
    assert!(told(&folder.path().join("tom.ini")).contains("tom.ini"));
}

#[test]
fn a_secret_comes_from_the_environment() {
    let text = "alert_classes = [\"toys.brokers.ToyBroker\"]\n[BROKERS.Toy]\napi_key = { env = \"PATH\" }";
    let toml = Config::from_toml(text).unwrap();
    let toms =
        Config::from_json(r#"{"TOM_ALERT_CLASSES": ["Toy"], "TOY_API_KEY": {"env": "PATH"}}"#).unwrap();
    for config in [toml, toms] {
        let registry = registry(&config).unwrap();
        let toy: Arc<Client<Toy>> = registry.broker("Toy").unwrap().downcast().unwrap();
        let request = toy.protocol().listing(&support::toy::ToyQuery::default(), &Cursor::default()).unwrap();
        let sent = request.headers().iter().find(|(name, _)| name == "authorization").unwrap();
        assert_eq!(sent.1, format!("Token {}", std::env::var("PATH").unwrap()));
        assert!(!format!("{registry:?} {toy:?} {config:?}").contains(&sent.1));
    }
    let missing = Config::from_json(r#"{"brokers": {"Toy": {"api_key": {"env": "TOM_NO_SUCH"}}}}"#).unwrap();
    assert_eq!(problems(&missing), ["brokers.Toy.api_key: environment variable TOM_NO_SUCH is not set"]);
}

#[tokio::test(start_paused = true)]
async fn data_are_asked_for_by_an_alert_of_one_s_own_or_by_names_and_never_by_another_s_number() {
    struct Elsewhere;
    impl ToTarget<()> for Elsewhere {
        fn to_target(&self, _: &Alert<()>, generic: &GenericAlert) -> Result<Target> {
            generic.to_target()
        }
    }
    let script = service(9, |_| None);
    let broker = toy(&script);
    let generic = GenericAlert { name: "T5".into(), ..GenericAlert::new("T3") };
    let foreign = AnyAlert::new("Elsewhere", generic, Alert::new((), "{}"), Arc::new(Elsewhere));
    let own = broker.fetch_alert("T6").await.unwrap();
    let plain = Target::sidereal("2026x", 10.0, 20.0).unwrap();
    let known = plain.clone().with_alias("AT2026x").with_alias("T4");
    for (target, alert, asked) in [
        (&plain, Some(&foreign), Some("T5")),
        (&known, Some(&foreign), Some("T4")),
        (&known, Some(&own), Some("T6")),
        (&known, None, Some("T4")),
        (&plain, None, None),
    ] {
        let store = tom_alerts::MemoryStore::new();
        let data = broker.process_reduced_data(target, alert, &store).await;
        assert_eq!(data.is_ok(), asked.is_some());
        if let Some(id) = asked {
            let paths: Vec<_> = script.requests().iter().map(|r| r.url().path().to_owned()).collect();
            assert_eq!(paths.last().unwrap(), &format!("/api/objects/{id}/lightcurve"));
        }
    }
}

#[tokio::test]
async fn data_that_are_saved_for_a_target_leave_what_others_said_of_it_meanwhile() {
    use tom_alerts::store::Entry;
    use tom_alerts::target::{Edit, Word};
    use tom_alerts::{MemoryStore, TargetStore};
    let script = service(9, |_| None);
    let broker: Arc<dyn GenericBroker> = Arc::new(toy(&script));
    let store = MemoryStore::new();
    let old = Target::sidereal("T4", 10.0, 20.0).unwrap().with_alias("stale").with_extra("state", "old");
    store.save_all(&[Entry::new(Target::sidereal("T4", 11.0, 21.0).unwrap(), "Toy")]).await.unwrap();
    let found = store.find("T4").await.unwrap().unwrap();
    let mut edit = Edit::default();
    edit.name = Some(Word::Set("the one".into()));
    store.edit(found.id, &edit).await.unwrap();
    let before = store.find("T4").await.unwrap().unwrap();
    broker.process_reduced_data(&old, None, &store).await.unwrap();
    let after = store.find("T4").await.unwrap().unwrap();
    assert_eq!(after, before);
    assert_eq!(store.find("stale").await.unwrap(), None);
    assert_eq!(store.reduced_data("the one").await.unwrap().len(), 2);
}

/// A broker that has nothing but a name.
#[derive(Debug)]
struct Named(&'static BrokerInfo);

impl GenericBroker for Named {
    fn info(&self) -> &'static BrokerInfo {
        self.0
    }

    fn form(&self) -> Value {
        json!({})
    }

    fn form_fields(&self) -> Vec<tom_alerts::form::Field> {
        Vec::new()
    }

    fn check(&self, parameters: &tom_alerts::Parameters) -> Result<tom_alerts::Parameters> {
        Ok(parameters.clone())
    }

    fn resume_alerts(
        &self,
        _: &tom_alerts::Parameters,
        _: Option<&tom_alerts::ResumeToken>,
    ) -> Result<tom_alerts::AlertStream<AnyAlert>> {
        Err(self.unsupported("list"))
    }

    fn read_alert(&self, _: &str) -> Result<AnyAlert> {
        Err(self.unsupported("read"))
    }
}

fn named(name: &'static str) -> Arc<dyn GenericBroker> {
    let info = BrokerInfo::new(name, "A name", "https://toy.example/").can(Capabilities::NONE);
    Arc::new(Named(Box::leak(Box::new(info))))
}

#[test]
fn no_two_brokers_share_the_extras_of_a_target() {
    use tom_alerts::Registry;
    use tom_alerts::target::slug;
    let names = Registry::default().names();
    let slugs: std::collections::BTreeSet<_> = names.iter().map(|name| slug(name)).collect();
    assert_eq!(slugs.len(), names.len(), "{names:?}");
    for (name, known) in
        [("toy", "are called"), ("TOY", "are called"), ("Import", "no broker"), ("user", "no broker")]
    {
        let mut registry = Registry::default();
        registry.add(named("Toy")).unwrap();
        let error = registry.add(named(name)).unwrap_err();
        assert!(error.kind() == ErrorKind::Config && error.to_string().contains(known), "{name}: {error}");
    }
    let mut registry = Registry::default();
    registry.add(named("Toy-1")).unwrap();
    let error = registry.add(named("toy 1")).unwrap_err();
    assert!(error.to_string().contains("toy_1_"), "{error}");
}

#[tokio::test]
async fn typed_calls_take_an_id_or_an_alert() {
    let script = service(9, |_| None);
    let client = toy(&script);
    let alert = client.alert("T3").await.unwrap();
    let id = "T3".to_owned();
    let points = client.data(&alert).await.unwrap().points;
    assert!(points.len() == 2 && points.is_sorted_by_key(|point| point.timestamp));
    assert_eq!(client.data("T3").await.unwrap().points, points);
    assert_eq!(client.classes(&alert).await.unwrap(), client.classes(&id).await.unwrap());
    assert_eq!(client.images(&alert).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(client.data("X").await.unwrap_err().kind(), ErrorKind::Input);
    let paths: Vec<_> = script.requests().iter().map(|request| request.url().path().to_owned()).collect();
    let [points, classes] = ["/api/objects/T3/lightcurve", "/api/objects/T3/classes"];
    assert_eq!(paths, ["/api/objects/T3", points, points, classes, classes]);
    // Like every call, it may run in a task of its own.
    fn spawned(future: impl std::future::Future + Send) {
        drop(future);
    }
    spawned(client.data(&alert));
    spawned(client.classes("T3"));
    spawned(client.images(&id));
}

#[tokio::test]
async fn a_setting_that_is_missing_is_told_by_the_first_call() {
    let script = service(9, |_| None);
    let registry = Registry::with_plugins(&Config::new(), &http(&script), &[PLUGIN]).unwrap();
    let broker = registry.broker("Toy").unwrap();
    assert!(!registry.report()[0].configured);
    assert!(registry.report()[0].missing.as_deref().unwrap().contains("brokers.Toy.api_key"));
    let store = tom_alerts::MemoryStore::new();
    let errors = [
        broker.fetch_alerts(&Parameters::new()).unwrap_err(),
        broker.fetch_alert("T1").await.unwrap_err(),
        broker.reduced_data("T1", None).await.unwrap_err(),
        broker.fetch_and_save_all(&Parameters::new(), &store, Default::default()).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.broker()), (ErrorKind::Config, Some("Toy")));
        assert!(error.to_string().contains("set brokers.Toy.api_key"), "{error}");
    }
    assert!(script.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_broker_has_the_common_keys() {
    let config = Config::new().set("Toy", "api_key", "k").set("Toy", "page_size", 1);
    let config = config.set("Toy", "timeout", 2.5).set("Toy", "max_pages", 3).set("Toy", "max_in_flight", 2);
    let slow = service(9, |_| None).latency(Duration::from_secs(2));
    let broker = Registry::with_plugins(&config, &http(&slow), &[PLUGIN]).unwrap().broker("Toy").unwrap();
    assert_eq!(broker.max_in_flight(), 2);
    let mut alerts = broker.fetch_alerts(&Parameters::new()).unwrap();
    while alerts.try_next().await.unwrap().is_some() {}
    assert_eq!(alerts.pages(), 3);
    let hanging = service(9, |_| None).latency(Duration::from_secs(10));
    let broker = Registry::with_plugins(&config, &http(&hanging), &[PLUGIN]).unwrap().broker("Toy").unwrap();
    let error = broker.fetch_alert("T1").await.unwrap_err();
    assert!(error.to_string().starts_with("Toy: no answer within 2.5 s"), "{error}");
    // A configuration cannot ask for more than the service allows.
    let greedy = config.set("Toy", "max_in_flight", 500);
    let broker = registry(&greedy).unwrap().broker("Toy").unwrap();
    assert_eq!(broker.max_in_flight(), 10);
}

#[test]
fn a_key_close_to_one_that_every_broker_has_is_told_with_the_others() {
    let text = "[brokers.Toy]\nmax_page = 4\ntimeout = 0\nnonsense = 1";
    let config = tom_alerts::Config::from_toml(text).unwrap();
    let plugins = [tom_alerts::registry::Plugin::of::<Toy>("toy")];
    let http = tom_alerts::http::Http::new(&Default::default()).unwrap();
    let error = Registry::with_plugins(&config, &http, &plugins).unwrap_err();
    let told: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert!(
        told.contains(&"brokers.Toy.max_page: no such key; did you mean max_pages?".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&"brokers.Toy.timeout: a number above 0 is due".to_owned()), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("brokers.Toy.nonsense: no such key")), "{told:?}");
}

#[test]
fn two_tables_of_one_broker_are_a_fault_that_names_both() {
    let config = Config::new().set("Toy", "api_key", "k").set("toy", "page_size", 5);
    let told = problems(&config);
    assert_eq!(told, ["brokers.toy: brokers.Toy is a table of the same broker; keep one of the two"]);
    // Also where a configuration is refused before there is a registry.
    #[cfg(feature = "alerce")]
    {
        let text = r#"{"http": 1, "brokers": {"ALeRCE": {}, "alerce": {}}}"#;
        let error = Config::from_json(text).unwrap_err();
        let fields: Vec<_> = error.problems().iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["http", "brokers.alerce"]);
    }
}

#[test]
fn nothing_is_given_twice_under_two_spellings() {
    let text = r#"{"TOM_ALERT_CLASSES": ["Toy"], "alert_classes": ["Toy"],
        "BROKERS": {"Toy": {"api_key": "canary7777", "page_size": 5}}, "brokers": {"Toy": {"page_size": 7}}}"#;
    let error = Config::from_json(text).unwrap_err();
    let told: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "alert_classes: alert_classes and TOM_ALERT_CLASSES are the same list; keep one of the two",
            "brokers.Toy.page_size: brokers and BROKERS both have it; keep one of the two",
        ]
    );
    let apart = r#"{"BROKERS": {"Toy": {"api_key": "k"}}, "brokers": {"Toy": {"page_size": 7}}}"#;
    assert!(registry(&Config::from_json(apart).unwrap()).is_ok());
}
