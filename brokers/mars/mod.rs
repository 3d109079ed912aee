//! MARS: ZTF's alerts out of Las Cumbres Observatory's server, for instances of your own.
//!
//! The public service, `mars.lco.global`, is retired, so `base_url` must name an instance; without
//! it the first call says so. The server's source is public, and all of it is spoken: each filter of
//! its help page, many objects in one request, single alerts with their history, cutouts. There is
//! no credential.
//!
//! ```
//! use tom_alerts::brokers::mars::{Mars, MarsConfig, MarsQuery};
//! use tom_alerts::plugin::*;
//!
//! let base_url = "http://127.0.0.1:8000/".parse().ok();
//! let mars = Mars::new(MarsConfig { base_url })?;
//! let query = MarsQuery { magpsf_lte: Some(17.5), rb_gte: Some(0.9), ..MarsQuery::default() };
//! let request = mars.listing(&query, &Cursor::default())?;
//! assert!(request.url().as_str().starts_with("http://127.0.0.1:8000/?magpsf__lte=17.5&rb__gte=0.9"));
//! # Ok::<(), Error>(())
//! ```
//!
//! # What comes as what
//!
//! | of MARS | here |
//! |---|---|
//! | `jd` | [`GenericAlert::timestamp`], UTC, the start of the exposure; `wall_time` only where it is missing |
//! | `lco_id`, `objectId` | id and name |
//! | `rb` | [`GenericAlert::score`] |
//! | `magpsf` with `sigmapsf` | magnitude of a detection; `diffmaglim` is its depth, never its magnitude |
//! | `isdiffpos` no | [`Photometry::negative_magnitude`]; no brightness |
//! | an entry of `prv_candidate` with `diffmaglim` alone | a limit |
//! | `fid` 1, 2, 3 | band g, r, i |
//! | −999 in catalogue columns | none |
//! | `avro` | kept in the alert's text only: the link is signed anew at every request and ends after a week |
//!
//! # What to know
//!
//! - A listing gives alerts, so an object comes once for each; a store keeps one target of them.
//! - The server's `has_next` is false on every page. A listing goes on while a page is full.
//! - A listing comes latest taken in first, by MARS's own number of the alert. Its usual order, by
//!   `jd`, leaves the many alerts of one exposure in any order, and one could fall between two pages.
//! - Several object ids go in one `POST`, 20 at a time, and so do [`Mars::bulk`] queries: the server
//!   then gives everything at once, without pages.
//! - The server reads a range of right ascension wrongly unless it stays on one side of 180°. A range
//!   is sent in the parts that it reads rightly; a lower end above the upper one goes through 0°.
//! - A light curve is what the server has within 1.5″ of the alert, also of other object ids (extra
//!   `objectId`), and the limits of the alert's own object.
//! - A value that the server cannot read, and an unknown `lco_id`, are answered with status 500 and
//!   a page of HTML. What can be known to be wrong is told before anything is sent.
//! - Cutouts are links to gzipped FITS; the instance needs its store of alert packets for them.

mod bulk;
mod candidate;
mod listing;
mod photometry;
mod query;

use crate::plugin::*;

pub use bulk::BulkAnswer;
pub use candidate::Candidate;
pub use photometry::{Epoch, PreviousCandidate};
pub use query::{Filter, MarsConfig, MarsQuery, SortOrder};

/// MARS over HTTP.
pub type MarsBroker = Client<Mars>;

const NAME: &str = "MARS";

/// Where the public service was.
const PUBLIC: &str = "https://mars.lco.global/";

/// An objectId that nothing has: a request that every sound instance answers.
const NOTHING: &str = "__none__";

/// How MARS is spoken.
#[derive(Debug, Clone)]
pub struct Mars {
    root: Root,
    page: Link,
    /// Whether an instance is configured that can be there.
    own: bool,
}

/// An alert as MARS gives it. Its history, `prv_candidate`, is read by [`Mars::history`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MarsAlert {
    /// MARS's own number of the alert.
    #[serde(deserialize_with = "wire::id")]
    pub lco_id: String,
    /// ZTF's name of the object.
    #[serde(rename = "objectId", deserialize_with = "wire::id")]
    pub object_id: String,
    /// Who published the alert.
    #[serde(default, deserialize_with = "wire::text")]
    pub publisher: Option<String>,
    /// ZTF's id of the measurement; beyond 2^53.
    #[serde(default, deserialize_with = "wire::whole")]
    pub candid: Option<i64>,
    /// Where the packet is for a week; another text at every request.
    #[serde(default, deserialize_with = "wire::text")]
    pub avro: Option<String>,
    /// The measurement.
    #[serde(default)]
    pub candidate: Candidate,
}

impl Protocol for Mars {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "ZTF's alerts out of Las Cumbres Observatory's server, on an instance of your own",
        "https://github.com/LCOGT/ztf-alert-server",
    )
    .aliases(&["tom_alerts.brokers.mars.MARSBroker", "MARSBroker"])
    .score("real-bogus score `rb` of ZTF, 0 (bogus) to 1 (real)")
    .retired()
    .can(Capabilities {
        list: true,
        one: true,
        reduced_data: true,
        cutouts: true,
        cone: true,
        name: true,
        ..Capabilities::NONE
    });
    type Config = MarsConfig;
    type Query = MarsQuery;
    type Packet = MarsAlert;
    type Submission = NoForm;

    fn new(config: MarsConfig) -> Result<Self> {
        let root = Root::new("base_url", config.base_url.as_ref(), PUBLIC)?;
        let page = Link::like(root.url(&["1000000000"]).as_str())?;
        let gone = Root::new("base_url", None, PUBLIC)?;
        let own = root.as_url().host_str() != gone.as_url().host_str();
        Ok(Self { root, page, own })
    }

    fn ready(&self) -> Result<()> {
        if self.own {
            return Ok(());
        }
        let text = "the public service is retired; set base_url under [brokers.MARS] in the configuration \
                    to an instance of your own, or ask ALeRCE, ANTARES or Lasair for ZTF's alerts";
        Err(Error::new(ErrorKind::Config, text))
    }

    fn listing(&self, query: &MarsQuery, at: &Cursor) -> Result<Request> {
        listing::request(self, query, at)
    }

    fn page(&self, query: &MarsQuery, at: &Cursor, response: Response) -> Result<Page<MarsAlert>> {
        listing::page(query, at, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<MarsAlert>) -> Result<GenericAlert> {
        let measured = &alert.candidate;
        Ok(GenericAlert {
            timestamp: measured.time(),
            name: alert.object_id.clone(),
            ra: measured.ra,
            dec: measured.dec,
            mag: points::magnitude(measured.magpsf).filter(|_| measured.isdiffpos != Some(false)),
            score: measured.rb,
            url: Some(self.page_of(&alert.lco_id)),
            ..GenericAlert::new(&alert.lco_id)
        })
    }

    fn to_target(&self, alert: &Alert<MarsAlert>, generic: &GenericAlert) -> Result<Target> {
        let c = &alert.candidate;
        let moving = c.ssnamenr.as_deref().filter(|name| !["", "null"].contains(name));
        let near = c.ssdistnr.filter(|distance| *distance >= 0.0);
        Ok(generic
            .to_target()?
            .with_extra("lco_id", &alert.lco_id)
            .with_extra_opt("candid", alert.candid)
            .with_extra_opt("filter", c.band())
            .with_extra_opt("magpsf", c.magpsf)
            .with_extra_opt("sigmapsf", c.sigmapsf)
            .with_extra_opt("isdiffpos", c.isdiffpos)
            .with_extra_opt("rb", c.rb)
            .with_extra_opt("drb", c.drb)
            .with_extra_opt("classtar", c.classtar)
            .with_extra_opt("ndethist", c.ndethist)
            .with_extra_opt("deltamaglatest", c.deltamaglatest)
            .with_extra_opt("deltamagref", c.deltamagref)
            .with_extra_opt("distnr", c.distnr)
            .with_extra_opt("magnr", c.magnr)
            .with_extra_opt("objectidps1", c.objectidps1)
            .with_extra_opt("distpsnr1", c.distpsnr1)
            .with_extra_opt("sgscore1", c.sgscore1)
            .with_extra_opt("ssnamenr", moving)
            .with_extra_opt("ssdistnr", near.filter(|_| moving.is_some())))
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<MarsAlert>>> {
        match self.known(id)? {
            Known::Number => Ok(self.detail(id)),
            Known::Object => {
                let mars = self.clone();
                Ok(self.newest(id).and_then(move |lco_id| Ok(mars.detail(&lco_id))))
            }
        }
    }

    fn recognises(&self, name: &str) -> bool {
        self.known(name).is_ok()
    }

    fn reduced_data(&self, subject: Subject<'_, MarsAlert>) -> Result<Call<ReducedData>> {
        if let Some(alert) = subject.alert
            && let Some(history) = Self::history(alert)?
        {
            return Ok(Call::Done(photometry::light_curve(alert, history)));
        }
        Ok(self.alert(subject.id)?.map(|alert| {
            let history = Self::history(&alert)?.unwrap_or_default();
            Ok(photometry::light_curve(&alert, history))
        }))
    }

    fn cutouts(&self, subject: Subject<'_, MarsAlert>) -> Result<Call<Vec<Cutout>>> {
        if let Some(alert) = subject.alert {
            return Ok(Call::Done(self.stamps(&alert.lco_id, alert.candid)));
        }
        let mars = self.clone();
        match self.known(subject.id)? {
            Known::Number => Ok(Call::Done(self.stamps(subject.id, None))),
            Known::Object => Ok(self.newest(subject.id).map(move |lco_id| Ok(mars.stamps(&lco_id, None)))),
        }
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<MarsQuery> {
        Ok(MarsQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..MarsQuery::default() })
    }

    fn name_query(&self, name: &str) -> Result<MarsQuery> {
        Ok(MarsQuery { object_id: vec![name.to_owned()], ..MarsQuery::default() })
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        let text = "the server failed; it answers so to any value that it cannot read. Left to look at are the name in \
                    objectcone, which its resolver may not know, the instance's version, and its log";
        (response.status() == 500 && response.is_html()).then(|| Error::new(ErrorKind::Status, text))
    }
}

/// What an id can be.
enum Known {
    /// MARS's own number.
    Number,
    /// A name of ZTF.
    Object,
}

impl Mars {
    /// The earlier and later measurements that came with a single alert, and the exposures without
    /// detection, in the server's order, which is none; `None` for an alert out of a listing.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when there is something else in its place.
    pub fn history(alert: &Alert<MarsAlert>) -> Result<Option<Rows<PreviousCandidate>>> {
        #[derive(Deserialize)]
        struct History {
            #[serde(default)]
            prv_candidate: Option<Rows<PreviousCandidate>>,
        }
        let history: History = serde_json::from_str(alert.raw())
            .map_err(|e| Error::new(ErrorKind::Unreadable, "prv_candidate is no list").because(e))?;
        Ok(history.prv_candidate)
    }

    fn known(&self, id: &str) -> Result<Known> {
        // The server keeps its numbers in 64 bits at most; longer digits are ids of other services.
        let number = (1..=12).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
        if number {
            return Ok(Known::Number);
        }
        if query::is_object(id) {
            return Ok(Known::Object);
        }
        let text =
            "this is no id of MARS; give its lco_id, such as 1234, or ZTF's name, such as ZTF20aaelulu";
        Err(Error::new(ErrorKind::Input, text))
    }

    fn page_of(&self, lco_id: &str) -> Url {
        let mut url = self.page.of(lco_id);
        // The server moves an address without the final slash to the one with it.
        if let Ok(mut steps) = url.path_segments_mut() {
            steps.push("");
        }
        url
    }

    /// A request for JSON: the parameter and the header, as the one alone is not always enough.
    fn get(&self, path: &[&str]) -> Request {
        self.root.get(path)
    }

    fn detail(&self, lco_id: &str) -> Call<Alert<MarsAlert>> {
        self.about(self.get(&[lco_id, ""]).query("format", "json"), |response| {
            Alert::from_raw(response.text()?)
        })
    }

    /// A request about one alert. The server fails in the same way for an unknown number and when it
    /// is in trouble, so it is asked whether it is sound.
    fn about<T: Send + 'static>(
        &self,
        request: Request,
        read: impl FnOnce(Response) -> Result<T> + Send + 'static,
    ) -> Call<T> {
        let sound = self.get(&[""]).query("objectId", NOTHING).query("format", "json");
        Call::step(request.accept_status(500), move |answer| match answer {
            Err(error) if error.http_status() == Some(500) => Ok(Call::step(sound, move |answer| {
                Err(match answer {
                    Ok(_) => error.reworded(ErrorKind::NotFound, "there is no alert of this number"),
                    Err(_) => error.retryable(true),
                })
            })),
            answer => Ok(Call::Done(read(answer?)?)),
        })
    }

    /// The number of an object's latest alert.
    fn newest(&self, object: &str) -> Call<String> {
        let request = self
            .get(&[""])
            .query("objectId", object)
            .query("sort_value", "jd")
            .query("sort_order", "desc")
            .query("page", 1)
            .query("format", "json");
        Call::get(request, |response| {
            let (items, _) = response.items::<MarsAlert, listing::Envelope>(Some("results"))?;
            match items.into_iter().next() {
                Some(alert) => Ok(alert?.into_packet().lco_id),
                None => Err(Error::new(ErrorKind::NotFound, "there is no alert of this object")),
            }
        })
    }

    fn stamps(&self, lco_id: &str, candid: Option<i64>) -> Vec<Cutout> {
        let stamp = |kind: CutoutKind| {
            let word = match kind {
                CutoutKind::Science => "Science",
                CutoutKind::Template => "Template",
                CutoutKind::Difference => "Difference",
            };
            Cutout {
                kind,
                format: "fits.gz".to_owned(),
                source_id: candid.map(|id| id.to_string()),
                url: Some(self.root.url(&[lco_id, "cutout", word, ""])),
                bytes: None,
            }
        };
        CutoutKind::ALL.map(stamp).into()
    }
}
