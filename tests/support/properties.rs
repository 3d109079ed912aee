//! What holds for every broker whatever its service sends: no panic, and only what is sound leaves it.

use std::sync::Arc;

use serde_json::json;
use tom_alerts::http::{Http, HttpConfig, Request, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{
    AnyAlert, Call, Classification, Client, Cutout, Datum, Error, ErrorKind, GenericAlert, GenericBroker,
    Protocol, ReducedData, ReducedDatum, Result, Target,
};

/// A broker, and what it is asked while its service answers everything with one body.
pub(crate) struct Asked<P: Protocol> {
    /// Its configuration; what must never be seen has `canary` in it.
    pub(crate) config: fn() -> P::Config,
    pub(crate) queries: Vec<P::Query>,
    /// Ids and names that it takes for its own.
    pub(crate) ids: Vec<String>,
    /// The calls that it has beside those of every broker.
    pub(crate) further: fn(&P) -> Vec<Result<Call<()>>>,
    /// Answers what comes before the questions, such as a login.
    pub(crate) before: fn(&Request) -> Option<Response>,
    /// The headers of the one answer.
    pub(crate) headers: Vec<(String, String)>,
}

impl<P: Protocol> Asked<P> {
    pub(crate) fn new(config: fn() -> P::Config, queries: Vec<P::Query>, ids: &[&str]) -> Self {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        Self { config, queries, ids, further: |_| Vec::new(), before: |_| None, headers: Vec::new() }
    }

    /// Every reader of the broker, on one body under the first of these states and one of the others;
    /// how many alerts and points were looked at.
    pub(crate) fn read(&self, statuses: &[u16], body: &[u8]) -> usize {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let runtime = runtime.unwrap();
        // The body says which failure it comes under, so that over many bodies each has its turn.
        let failures = &statuses[1..];
        let failure = failures.get(body.len() % failures.len().max(1));
        let statuses = statuses[..1].iter().chain(failure);
        statuses.map(|status| runtime.block_on(self.read_under(*status, body))).sum()
    }

    async fn read_under(&self, status: u16, body: &[u8]) -> usize {
        let mut seen = 0;
        let answer = Response::new(status, self.headers.clone(), body.to_vec().into());
        let before = self.before;
        let script =
            ScriptedTransport::new(move |request| Ok(before(request).unwrap_or_else(|| answer.clone())));
        let http: HttpConfig = serde_json::from_value(json!({"max_retries": 0})).unwrap();
        let http = Http::with_transport(Arc::new(script), &http);
        let broker = Client::<P>::with_http((self.config)(), &http).unwrap();
        for query in &self.queries {
            let mut alerts = told(broker.alerts(query)).unwrap();
            for _ in 0..20 {
                let Some(alert) = alerts.next().await else { break };
                let Ok(alert) = told(alert) else { continue };
                if let Ok(alert) = told(broker.erase(alert)) {
                    sound(&broker, &alert);
                    seen += 1 + about(&broker, &alert.generic().id, Some(&alert)).await;
                }
            }
        }
        for id in &self.ids {
            if let Ok(alert) = told(broker.fetch_alert(id).await) {
                sound(&broker, &alert);
                seen += 1 + about(&broker, id, Some(&alert)).await;
            }
            seen += about(&broker, id, None).await;
        }
        for call in (self.further)(broker.protocol()) {
            let _ = told(broker.run(call).await);
        }
        seen
    }
}

/// A call of a broker's own, whose result matters to nobody.
pub(crate) fn forget<T: Send + 'static>(call: Result<Call<T>>) -> Result<Call<()>> {
    Ok(call?.map(|_| Ok(())))
}

/// No error shows a credential.
fn told<T>(result: Result<T>) -> Result<T> {
    result.inspect_err(|error: &Error| {
        let told = super::errors::told(error);
        assert!(!told.contains("canary"), "{told}");
    })
}

/// An alert that may leave: in range, and read again from the text that is kept of it.
pub(crate) fn sound(broker: &dyn GenericBroker, alert: &AnyAlert) {
    let generic = alert.generic();
    assert!(!generic.id.is_empty() && !generic.name.is_empty(), "{generic:?}");
    in_range(generic);
    let again = broker.read_alert(alert.raw()).unwrap_or_else(|e| panic!("{e}: {}", alert.raw()));
    assert_eq!((again.generic(), again.raw()), (generic, alert.raw()));
    match told(alert.to_target()) {
        Ok(target) => sound_target(&target),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Input, "{error}"),
    }
}

/// A magnitude that is no sentinel of a survey.
fn possible(magnitude: &f64) -> bool {
    (-40.0..60.0).contains(magnitude)
}

/// The numbers of a generic alert.
pub(crate) fn in_range(generic: &GenericAlert) {
    assert!(generic.ra.is_none_or(|ra| (0.0..360.0).contains(&ra)), "{generic:?}");
    assert!(generic.dec.is_none_or(|dec| (-90.0..=90.0).contains(&dec)), "{generic:?}");
    assert!(generic.mag.iter().all(possible), "{generic:?}");
    assert!(generic.score.is_none_or(f64::is_finite), "{generic:?}");
}

/// A target that may leave; JSON has no number that is not finite, so it would not come back.
pub(crate) fn sound_target(target: &Target) {
    if let Some((ra, dec)) = target.position() {
        assert!((0.0..360.0).contains(&ra) && (-90.0..=90.0).contains(&dec), "{target:?}");
    }
    let again = serde_json::from_value::<Target>(serde_json::to_value(target).unwrap());
    assert_eq!(&again.unwrap(), target);
}

/// The light curve, the classes and the images of an object.
async fn about(broker: &dyn GenericBroker, id: &str, alert: Option<&AnyAlert>) -> usize {
    let data = told(broker.reduced_data(id, alert).await).unwrap_or_default();
    sound_points(&data);
    for class in told(broker.classifications(id, alert).await).unwrap_or_default() {
        sound_class(&class);
    }
    for cutout in told(broker.cutouts(id, alert).await).unwrap_or_default() {
        sound_cutout(&cutout);
    }
    data.points.len()
}

/// Points that may leave: oldest first, finite, and each a value.
pub(crate) fn sound_points(data: &ReducedData) {
    assert!(data.points.is_sorted_by_key(|point| point.timestamp), "{:?}", data.points);
    for point in &data.points {
        let again = serde_json::from_value::<ReducedDatum>(serde_json::to_value(point).unwrap());
        assert_eq!(&again.unwrap(), point);
        if let Datum::Photometry(p) = &point.value {
            let one = [p.magnitude, p.limit, p.negative_magnitude].iter().flatten().count() == 1;
            assert!(one || (p.flux.is_some() && p.flux_unit.is_some()), "{p:?}");
            assert!(p.error.is_none_or(|error| error >= 0.0), "{p:?}");
            if p.flux.is_none() {
                assert!([p.magnitude, p.limit].iter().flatten().all(possible), "{p:?}");
            }
        }
    }
    for fault in &data.failures {
        assert!(!super::errors::told(fault).contains("canary"), "{fault:?}");
    }
}

/// A class that may leave: named, with a probability that is one.
pub(crate) fn sound_class(class: &Classification) {
    assert!(!class.class.is_empty() && !class.classifier.is_empty(), "{class:?}");
    assert!(class.probability.is_none_or(|p| (0.0..=1.0).contains(&p)), "{class:?}");
}

/// An image that may leave: there, or somewhere.
pub(crate) fn sound_cutout(cutout: &Cutout) {
    assert!(cutout.url.is_some() || cutout.bytes.is_some(), "{cutout:?}");
}
