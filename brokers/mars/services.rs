//! What else the server gives: many queries in one request, and its short form of a light curve.

use std::collections::BTreeMap;

use super::parts::{parts, sorted};
use super::query::Parameters;
use super::{Known, Mars, MarsAlert, MarsQuery, errors};
use crate::plugin::*;

/// What one of several queries gave.
#[derive(Debug)]
#[non_exhaustive]
pub struct BulkAnswer {
    /// The query as the server understood it, with whatever else was in it.
    pub query: Map<String, Value>,
    /// How many alerts the server says there are.
    pub num_alerts: Option<u64>,
    /// The alerts; one that cannot be read is an error in its place, and so are those that the server
    /// counts and did not send.
    pub alerts: Vec<Result<Alert<MarsAlert>>>,
}

/// A point of MARS's short form of a light curve.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Epoch {
    /// Start of the exposure, JD UTC.
    #[serde(deserialize_with = "wire::number")]
    pub jd: Option<f64>,
    /// Band: g, r or i.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub filter: Option<String>,
    /// Depth of the exposure, 5σ.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub diffmaglim: Option<f64>,
    /// Magnitude of the difference image; none without detection. Its sign is not told here.
    #[serde(deserialize_with = "wire::number")]
    pub magpsf: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmapsf: Option<f64>,
}

#[derive(Deserialize)]
struct Bulk {
    results: Rows<Group>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Group {
    query: Option<Map<String, Value>>,
    #[serde(deserialize_with = "wire::whole_or_none")]
    num_alerts: Option<i64>,
    results: Option<Vec<Box<RawValue>>>,
}

impl Default for Group {
    fn default() -> Self {
        Self { query: None, num_alerts: None, results: Some(Vec::new()) }
    }
}

impl Mars {
    /// Asks several queries in one request; the answers come in the order of the queries, and one
    /// that cannot be read is an error in its place. A range of right ascension across 180° counts
    /// as two queries, and each id of several as one.
    ///
    /// ```
    /// use tom_alerts::brokers::mars::{Mars, MarsConfig, MarsQuery};
    /// use tom_alerts::plugin::*;
    /// let mars = Mars::new(MarsConfig { base_url: "http://127.0.0.1:8000/".parse().ok() })?;
    /// let of = |name: &str| MarsQuery { object_id: vec![name.to_owned()], ..MarsQuery::default() };
    /// let call = mars.bulk(&[of("ZTF18abbkloa"), of("ZTF18abbkloc")])?;
    /// assert_eq!(call.requests()[0].url().as_str(), "http://127.0.0.1:8000/");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a query at fault, and for one without any filter: the server would
    /// answer with its whole table.
    pub fn bulk(&self, queries: &[MarsQuery]) -> Result<Call<Rows<BulkAnswer>>> {
        let mut all = Vec::new();
        for (index, query) in queries.iter().enumerate() {
            let place = |e: Error| e.with("query", index + 1);
            let query = form::check(query).map_err(place)?;
            let asked = parts(&query, query.object_id.iter());
            if asked.iter().any(Vec::is_empty) {
                let text = "a query in bulk needs a filter: without one the server sends its whole table";
                return Err(place(Error::new(ErrorKind::Input, text)));
            }
            all.extend(asked.into_iter().map(|part| sorted(&query, part)));
        }
        Ok(Call::get(self.post(&all)?, |response| answers(&response)))
    }

    /// MARS's short form of an alert's light curve, by its number, in the server's order. It tells
    /// neither the sign of a difference nor the id of a measurement, so
    /// [`reduced_data`](Protocol::reduced_data) takes the long form.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for what cannot be a number of MARS; the call fails with
    /// [`ErrorKind::NotFound`] for one that it does not have.
    pub fn photometry(&self, lco_id: &str) -> Result<Call<Vec<Epoch>>> {
        if !matches!(self.known(lco_id)?, Known::Number) {
            return Err(Error::new(
                ErrorKind::Input,
                "the short form is asked for by lco_id, a number such as 1234",
            ));
        }
        let request = self.root.get(&[lco_id, "photometry", ""]).query("format", "json");
        Ok(errors::about(self, request, |response| {
            let mut epochs: Vec<_> = response.json::<BTreeMap<String, Epoch>>()?.into_iter().collect();
            // The keys count from "0" on, as texts.
            epochs.sort_by_key(|(key, _)| key.parse::<u64>().unwrap_or(u64::MAX));
            Ok(epochs.into_iter().map(|(_, epoch)| epoch).collect())
        }))
    }

    /// One request with these queries. Every value is a text: the server takes a bare 0 for nothing.
    pub(super) fn post(&self, queries: &[Parameters]) -> Result<Request> {
        let table = |query: &Parameters| {
            query.iter().map(|(key, value)| ((*key).to_owned(), value.as_str().into())).collect()
        };
        let queries: Vec<Map<String, Value>> = queries.iter().map(table).collect();
        self.root.post(&[""]).idempotent(true).json(&json!({ "queries": queries }))
    }
}

pub(super) fn answers(response: &Response) -> Result<Rows<BulkAnswer>> {
    let bulk: Bulk = response.json()?;
    let answer = |group: Group| {
        let raw = group.results.unwrap_or_default();
        let num_alerts = group.num_alerts.and_then(|n| u64::try_from(n).ok());
        let mut alerts: Vec<_> = raw.iter().map(|raw| Alert::from_raw(raw.get())).collect();
        if let Some(due) = num_alerts.filter(|due| usize::try_from(*due) != Ok(raw.len())) {
            let text = format!("the server says that {due} alerts answer a query, but {} came", raw.len());
            alerts.push(Err(Error::new(ErrorKind::Unreadable, text)));
        }
        BulkAnswer { query: group.query.unwrap_or_default(), num_alerts, alerts }
    };
    Ok(Rows(bulk.results.into_iter().map(|group| group.map(answer)).collect()))
}
