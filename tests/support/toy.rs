//! A broker of a survey that does not exist, written as anyone outside of the crate would write it.

use std::sync::Arc;

use tom_alerts::http::{Http, HttpConfig};
use tom_alerts::plugin::*;
use tom_alerts::testing::ScriptedTransport;

/// The table `[brokers.Toy]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ToyConfig {
    /// Where the service is.
    #[garde(skip)]
    #[schemars(title = "Base URL")]
    pub(crate) base_url: Option<Url>,
    /// The key of your account.
    #[garde(skip)]
    #[schemars(title = "API key")]
    pub(crate) api_key: Option<Secret>,
    /// Objects on a page where the query does not say.
    #[garde(range(min = 1, max = 1000))]
    #[schemars(title = "Page size")]
    pub(crate) page_size: Option<u32>,
}

impl Form for ToyConfig {}

/// What the survey can be asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ToyQuery {
    /// Name of one object.
    #[garde(skip)]
    #[schemars(title = "Name")]
    pub(crate) name: Option<String>,
    /// Right ascension of the centre of a cone.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra"))]
    pub(crate) ra: Option<f64>,
    /// Declination of the centre of a cone.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec"))]
    pub(crate) dec: Option<f64>,
    /// Radius of a cone.
    #[garde(range(min = 0.0, max = 3600.0))]
    #[schemars(title = "Radius", extend("x-unit" = "arcsec"))]
    pub(crate) radius: Option<f64>,
    /// Objects on a page.
    #[garde(range(min = 1, max = 1000))]
    #[schemars(title = "Page size")]
    pub(crate) page_size: Option<u32>,
}

impl Form for ToyQuery {
    fn rules(&self, rules: &mut Rules<'_>) {
        READ.set(READ.get() + 1);
        let given = [self.ra, self.dec, self.radius].iter().flatten().count();
        rules.check(&["ra", "dec", "radius"], given == 0 || given == 3, "give all three or none");
    }
}

/// One object, as the survey sends it; a listing may give the id alone.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ToyPacket {
    pub(crate) id: String,
    pub(crate) ra: Option<f64>,
    pub(crate) dec: Option<f64>,
    pub(crate) mag: Option<f64>,
    pub(crate) p: Option<f64>,
    pub(crate) mjd: Option<f64>,
    /// Whether only the object itself shows that it answers the query: then one with a `p` does.
    #[serde(default)]
    pub(crate) unsure: bool,
}

thread_local! {
    /// How many times the query's rules were asked on this thread: once each time it is read.
    pub(crate) static READ: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// What reporting an object needs beside it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ToySubmission {
    /// Who reports it.
    #[garde(length(min = 1))]
    #[schemars(title = "Reporter")]
    pub(crate) reporter: String,
    /// Brightness when it was found.
    #[garde(range(min = -30.0, max = 40.0))]
    #[schemars(title = "Magnitude")]
    pub(crate) mag: Option<f64>,
}

impl Form for ToySubmission {}

/// The survey's protocol.
#[derive(Debug)]
pub(crate) struct Toy {
    base: Url,
    key: Option<Secret>,
    page_size: u32,
}

#[derive(Deserialize)]
struct Listing {
    total: Option<u64>,
    #[serde(default)]
    more: bool,
    note: Option<String>,
}

#[derive(Deserialize)]
struct Point {
    mjd: f64,
    mag: Option<f64>,
    err: Option<f64>,
    band: String,
}

impl Toy {
    fn at(&self, path: &str) -> Result<Request> {
        let url = self.base.join(path).map_err(|e| Error::new(ErrorKind::Input, "not an id").because(e))?;
        let request = Request::get(url);
        Ok(match &self.key {
            Some(key) => request.secret_header("authorization", "Token ", key.expose()),
            None => request,
        })
    }

    fn object(&self, id: &str, what: &str) -> Result<Request> {
        if !self.recognises(id) {
            return Err(Error::new(ErrorKind::Input, "an id is a T and a number").with("id", id));
        }
        self.at(&format!("objects/{id}{what}"))
    }
}

impl Protocol for Toy {
    const INFO: &'static BrokerInfo =
        &BrokerInfo::new("Toy", "A survey of objects that do not exist", "https://toy.example/")
            .aliases(&["toys.brokers.ToyBroker"])
            .config_keys(&[("TOY_API_KEY", "api_key")])
            .score("the probability that the object does not exist")
            .polite(10, 0)
            .can(Capabilities {
                list: true,
                one: true,
                reduced_data: true,
                classifications: true,
                submit: true,
                cone: true,
                name: true,
                credentials: true,
                ..Capabilities::NONE
            });
    type Config = ToyConfig;
    type Query = ToyQuery;
    type Packet = ToyPacket;
    type Submission = ToySubmission;

    fn new(config: ToyConfig) -> Result<Self> {
        let home = || "https://toy.example/api/".parse();
        let base = config.base_url.map_or_else(home, Ok);
        let base = base.map_err(|e| Error::new(ErrorKind::Config, "base_url is no URL").because(e))?;
        Ok(Self { base, key: config.api_key, page_size: config.page_size.unwrap_or(10) })
    }

    fn ready(&self) -> Result<()> {
        let missing =
            "api_key is missing: set brokers.Toy.api_key; it is on your page at https://toy.example/";
        self.key.as_ref().map(|_| ()).ok_or_else(|| Error::new(ErrorKind::Config, missing))
    }

    fn listing(&self, query: &ToyQuery, at: &Cursor) -> Result<Request> {
        let request = self.at("objects")?;
        Ok(request
            .query("page", at.number(1)?)
            .query("page_size", query.page_size.unwrap_or(self.page_size))
            .query_opt("name", query.name.as_deref())
            .query_opt("ra", query.ra)
            .query_opt("dec", query.dec)
            .query_opt("radius", query.radius))
    }

    fn page(&self, _query: &ToyQuery, at: &Cursor, response: Response) -> Result<Page<ToyPacket>> {
        let (items, rest) = response.items::<ToyPacket, Listing>(Some("items"))?;
        let slot = |item: Result<Alert<ToyPacket>>| {
            let alert = item?;
            Ok(match alert.ra {
                Some(_) => Slot::Item(alert),
                None if alert.unsure => {
                    let call = self.alert(&alert.id)?.map(|alert| Ok(alert.p.is_some().then_some(alert)));
                    Slot::maybe(&*alert.id, call)
                }
                None => Slot::ask((&*alert.id, format!("Toy {}", alert.id)), self.alert(&alert.id)?),
            })
        };
        let next = at.number(1)? + 1;
        let page =
            Page::of_slots(items.into_iter().map(slot).collect(), rest.more.then(|| Cursor::new(next)));
        let page = page.with_total(rest.total);
        Ok(match rest.note {
            Some(note) => page.with_note(note),
            None => page,
        })
    }

    fn to_generic_alert(&self, alert: &Alert<ToyPacket>) -> Result<GenericAlert> {
        Ok(GenericAlert {
            timestamp: alert.mjd.and_then(time::utc_from_mjd),
            ra: alert.ra,
            dec: alert.dec,
            mag: alert.mag,
            score: alert.p,
            ..GenericAlert::new(&alert.id)
        })
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<ToyPacket>>> {
        let read = |response: Response| Alert::from_raw(response.text()?);
        Ok(Call::get(self.object(id, "")?, read))
    }

    fn recognises(&self, name: &str) -> bool {
        name.strip_prefix('T').is_some_and(|number| number.parse::<u32>().is_ok())
    }

    fn reduced_data(&self, subject: Subject<'_, ToyPacket>) -> Result<Call<ReducedData>> {
        let id = subject.id.to_owned();
        Ok(Call::get(self.object(subject.id, "/lightcurve")?, move |response| {
            let (points, _) = response.items::<Point, Value>(None)?;
            let mut data = ReducedData::default();
            for point in points {
                data.push(point.and_then(|point| {
                    let timestamp = time::utc_from_mjd(point.mjd)
                        .ok_or_else(|| Error::new(ErrorKind::Unreadable, "a time is out of range"))?;
                    let photometry = Photometry {
                        filter: point.band.clone().into(),
                        magnitude: point.mag,
                        error: point.err,
                        ..Photometry::default()
                    };
                    Ok(ReducedDatum::new(&id, "Toy", &id, timestamp, photometry))
                }));
            }
            Ok(data)
        }))
    }

    fn classifications(&self, subject: Subject<'_, ToyPacket>) -> Result<Call<Vec<Classification>>> {
        Ok(Call::get(self.object(subject.id, "/classes")?, |response| response.json()))
    }

    fn submit(&self, what: Upstream<'_>, form: &ToySubmission) -> Result<Call<Receipt>> {
        let target = what.target.ok_or_else(|| {
            let fault = Problem::new("target", "only an object can be reported");
            Error::from_problems(ErrorKind::Input, vec![fault])
        })?;
        let url = self.at("report")?.url().clone();
        let mut request = Request::post(url).form("name", &target.name).form("reporter", &form.reporter);
        if let Some(mag) = form.mag {
            request = request.form("mag", mag);
        }
        if let Some(key) = &self.key {
            request = request.secret_form("api_key", key.expose());
        }
        Ok(Call::get(request, |response| {
            let answer: Value = response.json()?;
            Ok(Receipt::new("Toy", answer["id"].as_u64().map(|id| id.to_string()), None, answer))
        }))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<ToyQuery>> {
        Ok(vec![ToyQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..ToyQuery::default() }])
    }

    fn name_query(&self, name: &str) -> Result<Vec<ToyQuery>> {
        Ok(vec![ToyQuery { name: Some(name.to_owned()), ..ToyQuery::default() }])
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        let text = "the key is not accepted; set brokers.Toy.api_key";
        (response.status() == 401).then(|| Error::new(ErrorKind::Auth, text))
    }
}

/// The survey's service with so many objects; `odd` answers first where it wants to.
pub(crate) fn service(
    objects: u64,
    odd: impl Fn(&Request) -> Option<Result<Response>> + Send + Sync + 'static,
) -> ScriptedTransport {
    ScriptedTransport::new(move |request| odd(request).unwrap_or_else(|| Ok(answer(request, objects))))
}

/// A good answer with this body.
pub(crate) fn json_answer(value: &Value) -> Response {
    Response::new(200, Vec::new(), value.to_string().into())
}

/// The value of a query parameter.
pub(crate) fn parameter(request: &Request, name: &str) -> Option<String> {
    request.url().query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The n-th object.
pub(crate) fn object(n: u64) -> Value {
    json!({ "id": format!("T{n}"), "ra": n as f64 / 10.0, "dec": -5.0, "mag": 18.5, "p": 0.9, "mjd": 60_000.5 })
}

fn answer(request: &Request, objects: u64) -> Response {
    let number = |name: &str| parameter(request, name).and_then(|text| text.parse::<u64>().ok());
    let path: Vec<_> = request.url().path().trim_start_matches("/api/").split('/').collect();
    let id =
        path.get(1).and_then(|id| id.strip_prefix('T')?.parse().ok()).filter(|n| (1..=objects).contains(n));
    match (path[0], id, path.get(2).copied()) {
        ("objects", None, None) if path.len() == 1 => {
            let (page, size) = (number("page").unwrap(), number("page_size").unwrap());
            let last = (page * size).min(objects);
            let items: Vec<_> = ((page - 1) * size + 1..=last).map(object).collect();
            json_answer(&json!({ "total": objects, "more": last < objects, "items": items }))
        }
        ("objects", Some(n), None) => json_answer(&object(n)),
        ("objects", Some(_), Some("lightcurve")) => json_answer(&json!([
            { "mjd": 60_001.5, "mag": 18.25, "err": 0.05, "band": "r" },
            { "mjd": 60_000.5, "mag": 18.5, "err": 0.05, "band": "r" },
        ])),
        ("objects", Some(_), Some("classes")) => {
            json_answer(&json!([{ "classifier": "toy", "class": "SN", "probability": 0.75 }]))
        }
        ("report", ..) => json_answer(&json!({ "id": 7 })),
        _ => Response::new(404, Vec::new(), r#"{"message": "no such object"}"#.into()),
    }
}

/// A transport that asks a service once, and does not try again.
pub(crate) fn http(script: &ScriptedTransport) -> Http {
    let config = HttpConfig { max_retries: 0, max_in_flight: 10, ..HttpConfig::default() };
    Http::with_transport(Arc::new(script.clone()), &config)
}

/// The survey's client over a service.
pub(crate) fn toy(script: &ScriptedTransport) -> Client<Toy> {
    let config = ToyConfig { api_key: Some("canary7777".into()), ..ToyConfig::default() };
    Client::with_http(config, &http(script)).unwrap()
}
