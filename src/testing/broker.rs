//! The contract of a broker: what it declares is what it does.

use std::collections::HashSet;
use std::fmt::{Debug, Display};
use std::sync::Arc;

use serde_json::{Value, json};

use super::recording::Recording;
use crate::alert::AnyAlert;
use crate::broker::{GenericBroker, Parameters};
use crate::error::{ErrorKind, Result};
use crate::ingest::IngestOptions;
use crate::protocol::Upstream;
use crate::reduced_datum::{Datum, ReducedData};
use crate::store::{MemoryStore, TargetStore};
use crate::target::Target;

/// What the suite needs beside the broker itself, which is pointed at a recorded service.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Evidence {
    query: Parameters,
    data_of: Option<String>,
    secret: Option<String>,
    not_by_id: Option<&'static str>,
    not_by_name: Option<&'static str>,
    recording: Option<Recording>,
}

impl Evidence {
    /// Parameters for which the recorded service lists at least two alerts, each of which it gives
    /// by itself too.
    #[must_use]
    pub fn listing(query: Parameters) -> Self {
        Self { query, ..Self::default() }
    }

    /// The id of an object whose reduced data, classifications and cutouts are recorded, when it is
    /// not the first of the listing.
    #[must_use]
    pub fn data_of(mut self, id: impl Into<String>) -> Self {
        self.data_of = Some(id.into());
        self
    }

    /// `fetch_alert` does not understand the id alone, for this reason, which the broker's documentation
    /// gives. Without it the suite asks for every listed alert by its id and by its name.
    #[must_use]
    pub fn not_by_id(mut self, reason: &'static str) -> Self {
        self.not_by_id = Some(reason);
        self
    }

    /// `fetch_alert` does not understand the name alone, for this reason, which the broker's documentation
    /// gives.
    #[must_use]
    pub fn not_by_name(mut self, reason: &'static str) -> Self {
        self.not_by_name = Some(reason);
        self
    }

    /// What the service answered, to be spoiled one place at a time; see [`Recording`].
    #[must_use]
    pub fn recording(mut self, recording: Recording) -> Self {
        self.recording = Some(recording);
        self
    }

    /// The credential that the broker was configured with; it must never be seen.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }
}

/// Runs every clause of the contract and returns those that do not hold, in words.
///
/// ```no_run
/// # async fn run(broker: std::sync::Arc<dyn tom_alerts::GenericBroker>) {
/// use tom_alerts::testing::{Evidence, check_broker};
/// let broken = check_broker(broker, Evidence::default()).await;
/// assert!(broken.is_empty(), "{broken:#?}");
/// # }
/// ```
pub async fn check_broker(broker: Arc<dyn GenericBroker>, evidence: Evidence) -> Vec<String> {
    let mut suite = Suite { broker, evidence, broken: Vec::new() };
    suite.info();
    suite.form();
    let alerts = suite.listing().await;
    if let Some(first) = alerts.first() {
        suite.one(&alerts).await;
        let id = suite.evidence.data_of.clone().unwrap_or_else(|| first.generic().id.clone());
        suite.data(&id).await;
        suite.saving().await;
    }
    suite.searches(alerts.first());
    suite.submission().await;
    suite.secrecy();
    if let Some(recording) = suite.evidence.recording.take() {
        suite.broken.extend(recording.check().await);
    }
    suite.broken
}

struct Suite {
    broker: Arc<dyn GenericBroker>,
    evidence: Evidence,
    broken: Vec<String>,
}

impl Suite {
    fn holds(&mut self, clause: impl Display, yes: bool) {
        if !yes {
            self.broken.push(clause.to_string());
        }
    }

    /// A capability does something exactly when it is declared.
    fn declared<T: Debug>(&mut self, what: &str, declared: bool, result: &Result<T>) {
        match result {
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                self.holds(format!("{what} is declared, but answers: {error}"), !declared);
            }
            Ok(_) if !declared => self.broken.push(format!("{what} works, but is not declared")),
            Err(error) if declared => {
                self.broken.push(format!("{what} fails on the recorded service: {error}"))
            }
            _ => {}
        }
    }

    fn info(&mut self) {
        let info = self.broker.info();
        self.holds("a name is given", !info.name.trim().is_empty());
        self.holds("it is said in words what the broker is", info.about.len() > 10);
        self.holds("the home page is a URL", info.home.parse::<url::Url>().is_ok());
        self.holds("it is said in words what the score means", info.score.len() > 10);
        if let Some(checked) = info.checked {
            let date = chrono::NaiveDate::parse_from_str(checked.date, "%Y-%m-%d");
            self.holds("the day of the last check is a date such as 2026-11-30", date.is_ok());
            self.holds("the last check names a release", !checked.version.trim().is_empty());
        }
        self.holds("the configured broker is ready", self.broker.ready().is_ok());
    }

    fn form(&mut self) {
        let form = self.broker.form();
        let fields = form["properties"].as_object().cloned().unwrap_or_default();
        self.holds("the form is an object with fields", form["type"] == "object" && !fields.is_empty());
        for (name, field) in &fields {
            let words = |key: &str| field[key].as_str().is_some_and(|text| !text.trim().is_empty());
            self.holds(format!("form field {name} has a title"), words("title"));
            self.holds(format!("form field {name} has a description"), words("description"));
        }
        let listed = self.broker.form_fields().len();
        self.holds("the schema and the list of fields agree", listed == fields.len());
        let strange = json!({ "no_such_field_at_all": 1 });
        let answer = strange.as_object().map(|map| self.broker.check(map));
        let told = matches!(&answer, Some(Err(e)) if e.kind() == ErrorKind::Input && e.problems().iter().any(|p| p.field == "no_such_field_at_all"));
        self.holds("an unknown field is a fault that is told", told);
        match self.broker.check(&self.evidence.query) {
            Ok(canonical) => {
                let again = self.broker.check(&canonical);
                self.holds(
                    "canonical parameters stay as they are",
                    again.is_ok_and(|again| again == canonical),
                );
            }
            Err(error) => self.broken.push(format!("the parameters of the evidence are good: {error}")),
        }
    }

    async fn listing(&mut self) -> Vec<AnyAlert> {
        let query = self.evidence.query.clone();
        let declared = self.broker.info().can.list;
        let stream = self.broker.fetch_alerts(&query);
        self.declared("list", declared, &stream);
        let Ok(stream) = stream else { return Vec::new() };
        let (alerts, errors) = stream.limit(1_000).collect_all().await;
        self.holds(format!("the recorded listing is read without error: {errors:?}"), errors.is_empty());
        self.holds("the recorded listing has at least two alerts", alerts.len() >= 2 || !declared);
        for alert in &alerts {
            self.alert(alert);
        }
        self.resuming(&query, &alerts).await;
        alerts
    }

    fn alert(&mut self, alert: &AnyAlert) {
        let generic = alert.generic();
        let name = &generic.name;
        self.holds(format!("{name}: id and name are given"), !generic.id.is_empty() && !name.is_empty());
        self.holds(format!("{name}: every number is in range"), generic.clone().checked().is_ok());
        let keys = serde_json::to_value(generic).ok().and_then(|v| v.as_object().map(serde_json::Map::len));
        self.holds(format!("{name}: a generic alert has eight keys"), keys == Some(8));
        let raw = serde_json::from_str::<Value>(alert.raw());
        self.holds(format!("{name}: the kept text is JSON"), raw.is_ok());
        let again = self.broker.read_alert(alert.raw());
        let same = again.is_ok_and(|again| again.generic() == generic);
        self.holds(format!("{name}: the kept text gives the same alert again"), same);
        match self.broker.to_target(alert) {
            Ok(target) => self.target(&target),
            Err(error) => {
                let input = error.kind() == ErrorKind::Input;
                self.holds(format!("{name}: what cannot be a target is told as such: {error}"), input);
            }
        }
    }

    fn target(&mut self, target: &Target) {
        let name = &target.name;
        let json = serde_json::to_string(target);
        let again = json.ok().and_then(|json| serde_json::from_str::<Target>(&json).ok());
        self.holds(format!("{name}: the target comes back from JSON"), again.as_ref() == Some(target));
    }

    async fn resuming(&mut self, query: &Parameters, alerts: &[AnyAlert]) {
        let [first, second, ..] = alerts else { return };
        let Ok(mut stream) = self.broker.fetch_alerts(query) else { return };
        let taken = stream.next().await;
        let same = matches!(&taken, Some(Ok(alert)) if alert.generic() == first.generic());
        self.holds("a listing is in a stable order", same);
        // A stream that a broker made by hand has no token.
        let Some(token) = stream.resume_token() else { return };
        let next = match self.broker.resume_alerts(query, Some(&token)) {
            Ok(mut stream) => stream.next().await,
            Err(error) => Some(Err(error)),
        };
        let goes_on = matches!(&next, Some(Ok(alert)) if alert.generic() == second.generic());
        self.holds("a listing goes on where it was left", goes_on);
    }

    async fn one(&mut self, alerts: &[AnyAlert]) {
        let declared = self.broker.info().can.one;
        let mut asked = HashSet::new();
        let mut refused = [false; 2];
        for listed in alerts.iter().filter(|alert| asked.insert(alert.generic().id.clone())).take(10) {
            let generic = listed.generic();
            let known = [&generic.id, &generic.name].iter().any(|name| self.broker.recognises(name));
            self.holds(format!("{}: its id or its name is recognised", generic.id), known);
            let excused = [self.evidence.not_by_id, self.evidence.not_by_name];
            let words = [("id", &generic.id, excused[0]), ("name", &generic.name, excused[1])];
            let different = if generic.name == generic.id { 1 } else { 2 };
            for (word, text, excused) in words.into_iter().take(different) {
                let answer = self.broker.fetch_alert(text).await;
                match (&answer, excused) {
                    (Err(error), None) if declared && error.kind() != ErrorKind::Unsupported => {
                        let clause = format!("{text}: an alert is understood by its {word} alone: {error}");
                        self.broken.push(clause);
                    }
                    (Err(_), Some(_)) => refused[usize::from(word == "name")] = true,
                    (Ok(_), Some(_)) => {}
                    _ => self.declared("one alert", declared, &answer),
                }
                if let Ok(alert) = answer {
                    let same = alert.generic().id == generic.id || alert.generic().name == generic.name;
                    self.holds(
                        format!("{text}: the alert asked for by its {word} is the one that comes"),
                        same,
                    );
                    self.alert(&alert);
                }
            }
        }
        // Nothing is excused that works: the documentation would be wrong.
        for (word, excused, refused) in
            [("id", self.evidence.not_by_id, refused[0]), ("name", self.evidence.not_by_name, refused[1])]
        {
            if let Some(reason) = excused.filter(|_| declared) {
                self.holds(format!("the {word} alone is not understood: {reason}"), refused);
            }
        }
    }

    async fn data(&mut self, id: &str) {
        let can = self.broker.info().can;
        let data = self.broker.reduced_data(id, None).await;
        self.declared("reduced data", can.reduced_data, &data);
        if let Ok(data) = data {
            self.points(&data);
        }
        let classes = self.broker.classifications(id, None).await;
        self.declared("classifications", can.classifications, &classes);
        for class in classes.unwrap_or_default() {
            let known = !class.class.is_empty() && !class.classifier.is_empty();
            let fair = class.probability.is_none_or(|p| (0.0..=1.0).contains(&p));
            self.holds(
                format!("a classification is named and its probability is 0 to 1: {class:?}"),
                known && fair,
            );
        }
        let cutouts = self.broker.cutouts(id, None).await;
        self.declared("cutouts", can.cutouts, &cutouts);
        for cutout in cutouts.unwrap_or_default() {
            let there = cutout.url.is_some() || cutout.bytes.is_some();
            self.holds(format!("a cutout has a URL or its bytes: {cutout:?}"), there);
        }
    }

    fn points(&mut self, data: &ReducedData) {
        self.holds(
            format!("recorded data are read without failure: {:?}", data.failures),
            data.failures.is_empty(),
        );
        self.holds("reduced data are there", !data.points.is_empty());
        self.holds("points are oldest first", data.points.is_sorted_by_key(|point| point.timestamp));
        let standing = data.points.iter().all(|point| point.withdrawn.is_none());
        self.holds("no point was withdrawn", standing);
        let taken = data.withdrawn.iter().all(|row| row.withdrawn.is_some());
        self.holds("what was withdrawn says when", taken);
        let keys: HashSet<_> =
            data.points.iter().map(|point| (point.source_name.clone(), point.key())).collect();
        self.holds("each point has a key of its own", keys.len() == data.points.len());
        for point in &data.points {
            let name = self.broker.info().name;
            self.holds(format!("source_name is {name}"), point.source_name == name);
            let json = serde_json::to_value(point);
            self.holds(format!("numbers are finite: {point:?}"), json.is_ok() && finite(point));
            if let Datum::Photometry(p) = &point.value {
                let one = [p.magnitude, p.limit, p.negative_magnitude].iter().flatten().count() == 1;
                let flux = p.flux.is_some() && p.flux_unit.is_some();
                self.holds(format!("a point is a detection or a limit or a flux: {p:?}"), one || flux);
                self.holds(format!("a point has a band: {p:?}"), !p.filter.is_empty());
                let error = p.error.is_none_or(|e| e >= 0.0);
                self.holds(format!("an error of a magnitude is not negative: {p:?}"), error);
            }
        }
    }

    async fn saving(&mut self) {
        let store = MemoryStore::new();
        let can = self.broker.info().can;
        let mut reports = Vec::new();
        for _ in 0..2 {
            let options =
                IngestOptions::new().limit(5).photometry(can.reduced_data && self.evidence.data_of.is_none());
            match self.broker.fetch_and_save_all(&self.evidence.query, &store, options).await {
                Ok(ingested) => reports.push(ingested.report),
                Err(error) => self.broken.push(format!("fetch_and_save_all works: {error}")),
            }
        }
        let [first, second] = &reports[..] else { return };
        self.holds("a first run creates targets", first.created > 0 || !first.failed.is_empty());
        let still = second.created == 0 && second.data.created == 0 && second.data.updated == 0;
        self.holds(format!("a second run creates nothing: {second:?}"), still);
        self.holds(format!("a second run updates nothing: {second:?}"), second.updated == 0);
        let count = store.count_targets().await.unwrap_or_default();
        self.holds("what is reported as created is in the store", count == first.created);
    }

    fn searches(&mut self, first: Option<&AnyAlert>) {
        let can = self.broker.info().can;
        let cone = self.broker.cone_query(10.0, -5.0, 3.0);
        self.declared("cone search", can.cone, &cone);
        let nowhere = self.broker.cone_query(f64::NAN, -5.0, 3.0);
        self.holds("a cone around no place is refused", nowhere.is_err());
        let listed = first.map(|alert| alert.generic().name.clone());
        let name = self.evidence.data_of.clone().or(listed).unwrap_or_else(|| "ZTF20acobvxk".to_owned());
        let named = self.broker.name_query(&name);
        self.declared("search by name", can.name, &named);
        for (what, queries) in [("cone search", &cone), ("search by name", &named)] {
            let any = queries.as_ref().map_or(true, |queries| !queries.is_empty());
            self.holds(format!("a {what} has a query"), any);
        }
        for query in [cone, named].into_iter().flatten().flatten() {
            let good = self.broker.check(&query);
            self.holds(format!("a search that the broker makes is a good query: {good:?}"), good.is_ok());
        }
    }

    async fn submission(&mut self) {
        let declared = self.broker.info().can.submit;
        self.holds("a submission form is there exactly when submitting is declared", {
            self.broker.submission_form().is_some() == declared
        });
        let nothing = self.broker.submit_upstream_alert(Upstream::default(), &Parameters::new()).await;
        match nothing {
            Ok(_) => self.broken.push("submitting nothing is refused".to_owned()),
            Err(error) => {
                let expected = if declared { ErrorKind::Input } else { ErrorKind::Unsupported };
                self.holds(format!("submitting nothing is {expected:?}: {error}"), error.kind() == expected);
            }
        }
    }

    fn secrecy(&mut self) {
        let Some(secret) = self.evidence.secret.clone() else { return };
        self.holds("Debug shows no secret", !format!("{:?}", self.broker).contains(&secret));
        self.holds("the form shows no secret", !self.broker.form().to_string().contains(&secret));
    }
}

fn finite(point: &crate::reduced_datum::ReducedDatum) -> bool {
    let all = |numbers: &[Option<f64>]| numbers.iter().flatten().all(|n| n.is_finite());
    match &point.value {
        Datum::Photometry(p) => all(&[
            p.magnitude,
            p.error,
            p.limit,
            p.limiting_magnitude,
            p.negative_magnitude,
            p.flux,
            p.flux_error,
        ]),
        Datum::Spectroscopy(s) => s.flux.iter().chain(&s.wavelength).chain(&s.error).all(|n| n.is_finite()),
        Datum::Astrometry(a) => all(&[Some(a.ra), Some(a.dec), a.ra_error, a.dec_error]),
        Datum::Other(_) => true,
    }
}
