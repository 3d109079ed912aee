//! A broker of your own, from its wire types to a light curve in a store, without network.
//!
//! `cargo run --example custom_broker`
//!
//! Nightwatch is a telescope that does not exist. Its service, played on loopback below, lists events
//! by pages, gives each one with its measurements, and wants a key.

use std::error::Error as StdError;
use std::sync::Arc;

use tom_alerts::http::Http;
use tom_alerts::plugin::*;
use tom_alerts::registry::Plugin;
use tom_alerts::testing::{Evidence, check_broker};
use tom_alerts::{Config, IngestOptions, MemoryStore, Registry, TargetStore, brokers, form};
use wiremock::{Mock, MockServer, Request as Asked, ResponseTemplate, matchers};

/// The table `[brokers.Nightwatch]` of a configuration.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
struct NightwatchConfig {
    /// Root of the service. Default: the public one.
    #[garde(skip)]
    #[schemars(title = "Base URL")]
    base_url: Option<Url>,
    /// Your key; it stands on your page at nightwatch.example.
    #[garde(skip)]
    #[schemars(title = "API key")]
    api_key: Option<Secret>,
}

impl Form for NightwatchConfig {}

/// What Nightwatch can be asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
struct NightwatchQuery {
    /// Faintest magnitude to list.
    #[garde(range(min = -30.0, max = 40.0))]
    #[schemars(title = "Magnitude", extend("x-unit" = "mag"))]
    faintest: Option<f64>,
    /// Name of one event.
    #[garde(skip)]
    #[schemars(title = "Name")]
    name: Option<String>,
}

impl Form for NightwatchQuery {}

/// An event; a listing gives it without its measurements.
#[derive(Debug, Clone, Deserialize)]
struct Event {
    #[serde(deserialize_with = "wire::id")]
    id: String,
    #[serde(default, deserialize_with = "wire::number")]
    ra: Option<f64>,
    #[serde(default, deserialize_with = "wire::number")]
    dec: Option<f64>,
    #[serde(default, deserialize_with = "wire::number")]
    mjd: Option<f64>,
    #[serde(default, deserialize_with = "wire::number")]
    mag: Option<f64>,
}

/// What stands beside the events of a page.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Rest {
    more: bool,
}

/// The measurements of an event.
#[derive(Deserialize)]
struct Curve {
    measurements: wire::Rows<Measurement>,
}

#[derive(Deserialize)]
struct Measurement {
    #[serde(default, deserialize_with = "wire::number")]
    mjd: Option<f64>,
    /// Flux in µJy.
    #[serde(default, deserialize_with = "wire::number")]
    flux: Option<f64>,
    #[serde(default, deserialize_with = "wire::number")]
    error: Option<f64>,
}

/// How Nightwatch is spoken.
#[derive(Debug)]
struct Nightwatch {
    root: Root,
    key: Option<Secret>,
}

const NAME: &str = "Nightwatch";

/// Magnitude of 1 µJy, AB.
const MICROJANSKY_ZERO: f64 = 23.9;

impl Nightwatch {
    fn get(&self, path: &[&str]) -> Request {
        let request = self.root.get(path);
        match &self.key {
            Some(key) => request.secret_header("x-api-key", "", key.expose()),
            None => request,
        }
    }
}

impl Protocol for Nightwatch {
    const INFO: &'static BrokerInfo =
        &BrokerInfo::new(NAME, "Events of one small telescope", "https://nightwatch.example/").can(
            Capabilities {
                list: true,
                one: true,
                reduced_data: true,
                name: true,
                credentials: true,
                ..Capabilities::NONE
            },
        );
    type Config = NightwatchConfig;
    type Query = NightwatchQuery;
    type Packet = Event;
    type Submission = NoForm;

    fn new(config: NightwatchConfig) -> Result<Self> {
        let public = "https://nightwatch.example/api/";
        Ok(Self { root: Root::new("base_url", config.base_url.as_ref(), public)?, key: config.api_key })
    }

    fn ready(&self) -> Result<()> {
        let text =
            "a key is needed: set brokers.Nightwatch.api_key; it is on your page at nightwatch.example";
        self.key.as_ref().map(|_| ()).ok_or_else(|| Error::new(ErrorKind::Config, text))
    }

    fn listing(&self, query: &NightwatchQuery, at: &Cursor) -> Result<Request> {
        let request = self.get(&["events"]).query("page", at.number(1)?);
        Ok(request.query_opt("mag_max", query.faintest).query_opt("id", query.name.as_deref()))
    }

    fn page(&self, _query: &NightwatchQuery, at: &Cursor, response: Response) -> Result<Page<Event>> {
        let (events, rest) = response.items::<Event, Rest>(Some("events"))?;
        let next = at.number(1)? + 1;
        Ok(Page::new(events, rest.more.then(|| Cursor::new(next))))
    }

    fn to_generic_alert(&self, alert: &Alert<Event>) -> Result<GenericAlert> {
        Ok(GenericAlert {
            timestamp: alert.mjd.and_then(time::utc_from_mjd),
            ra: alert.ra,
            dec: alert.dec,
            mag: alert.mag,
            ..GenericAlert::new(&alert.id)
        })
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<Event>>> {
        Ok(Call::get(self.get(&["events", id]), |response| Alert::from_raw(response.text()?)))
    }

    fn reduced_data(&self, subject: Subject<'_, Event>) -> Result<Call<ReducedData>> {
        let id = subject.id.to_owned();
        Ok(Call::get(self.get(&["events", subject.id]), move |response| {
            let curve: Curve = response.json()?;
            let mut points = Points::new(NAME, &id);
            points.rows("measurements", curve.measurements, |row| {
                let time = points::instant(row.mjd, time::utc_from_mjd)?;
                let (Some(flux), Some(error)) = (row.flux, row.error) else { return Ok(None) };
                let point = Photometry::from_flux(flux, error, "uJy", MICROJANSKY_ZERO);
                Ok(point.map(|point| (time, Photometry { filter: "r".into(), ..point })))
            });
            Ok(points.done())
        }))
    }

    fn name_query(&self, name: &str) -> Result<Vec<NightwatchQuery>> {
        Ok(vec![NightwatchQuery { name: Some(name.to_owned()), ..NightwatchQuery::default() }])
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let server = MockServer::start().await;
    Mock::given(matchers::header("x-api-key", "night-key")).respond_with(service).mount(&server).await;
    Mock::given(matchers::any())
        .respond_with(ResponseTemplate::new(401))
        .with_priority(9)
        .mount(&server)
        .await;

    // It stands among the built-in brokers, and a configuration speaks of it as of any other.
    let config = Config::new().set(NAME, "base_url", format!("{}/api/", server.uri())).set(
        NAME,
        "api_key",
        "night-key",
    );
    let plugins = [&brokers::plugins()[..], &[Plugin::of::<Nightwatch>("nightwatch")]].concat();
    let registry = Registry::with_plugins(&config, &Http::new(&config.http)?, &plugins)?;
    let nightwatch = registry.broker("nightwatch")?;

    println!("Alerts:");
    let query = form::parse_pairs(["faintest=19.5"])?;
    let mut alerts = nightwatch.fetch_alerts(&query)?;
    while let Some(alert) = alerts.try_next().await? {
        println!("  {}", alert.generic());
    }

    let store = MemoryStore::new();
    let done = nightwatch.fetch_and_save_all(&query, &store, IngestOptions::new().photometry(true)).await?;
    let report = &done.report;
    println!(
        "Saved: {} targets, {} points, {} failed",
        report.created,
        report.data.created,
        report.failed.len()
    );
    for datum in store.reduced_data("NW-2").await? {
        println!("  {} {}", datum.timestamp.format("%F"), serde_json::to_string(&datum.value)?);
    }

    if let Err(mistake) = nightwatch.check(&form::parse_pairs(["faintes=19.5"])?) {
        println!("A mistake: {mistake}");
    }

    let broken = check_broker(Arc::clone(&nightwatch), Evidence::listing(query).secret("night-key")).await;
    println!("The contract of a broker: {}", if broken.is_empty() { "it holds" } else { "broken" });
    if broken.is_empty() { Ok(()) } else { Err(format!("{broken:#?}").into()) }
}

/// The service: four events on two pages, each of a smooth rise with one night below the noise.
fn service(request: &Asked) -> ResponseTemplate {
    let asked = |key: &str| {
        request.url.query_pairs().find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
    };
    let event = |n: u32| {
        let step = f64::from(n);
        json!({"id": format!("NW-{n}"), "ra": 30.0 + step, "dec": -12.5, "mjd": 61_000.25 + step, "mag": 17.0 + step})
    };
    let path = request.url.path().trim_start_matches("/api/events").trim_start_matches('/');
    if let Some(n) = path.strip_prefix("NW-").and_then(|n| n.parse().ok()).filter(|n| (1..=4).contains(n)) {
        let mut one = event(n);
        let night = |day: u32| json!({"mjd": 61_000.25 + f64::from(day), "flux": 40.0 * f64::from(day), "error": 15.0});
        one["measurements"] = (0..5).map(night).collect();
        return ResponseTemplate::new(200).set_body_json(one);
    }
    if !path.is_empty() {
        return ResponseTemplate::new(404).set_body_json(json!({"message": "no such event"}));
    }
    let faintest = asked("mag_max").and_then(|mag| mag.parse::<f64>().ok()).unwrap_or(99.0);
    let wanted = |event: &Value| {
        event["mag"].as_f64().is_some_and(|mag| mag <= faintest)
            && asked("id").is_none_or(|id| event["id"] == id.as_str())
    };
    let all: Vec<Value> = (1..=4).map(event).filter(wanted).collect();
    let page = asked("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
    let first = 2 * page.saturating_sub(1);
    let events: Vec<_> = all.iter().skip(first).take(2).collect();
    ResponseTemplate::new(200).set_body_json(json!({"events": events, "more": all.len() > first + 2}))
}
