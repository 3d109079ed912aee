//! Many queries in one request: the server's `POST`, which has no pages.

use super::listing::{self, Parameters};
use super::{Mars, MarsAlert, MarsQuery};
use crate::plugin::*;

/// What one of several queries gave.
#[derive(Debug)]
#[non_exhaustive]
pub struct BulkAnswer {
    /// The query as the server understood it, with whatever else was in it.
    pub query: Map<String, Value>,
    /// How many alerts the server says there are.
    pub num_alerts: Option<u64>,
    /// The alerts; one that cannot be read is an error in its place.
    pub alerts: Vec<Result<Alert<MarsAlert>>>,
}

#[derive(Deserialize)]
struct Bulk {
    results: Rows<Group>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Group {
    query: Option<Map<String, Value>>,
    #[serde(deserialize_with = "wire::whole")]
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
            let query = query.checked().map_err(place)?;
            let parts = listing::parts(&query, query.object_id.iter().map(String::as_str));
            if parts.iter().any(Vec::is_empty) {
                let text = "a query in bulk needs a filter: without one the server sends its whole table";
                return Err(place(Error::new(ErrorKind::Input, text)));
            }
            all.extend(parts.into_iter().map(|part| listing::sorted(&query, part)));
        }
        Ok(Call::get(self.post(&all)?, |response| answers(&response)))
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
    let answer = |group: Group| BulkAnswer {
        query: group.query.unwrap_or_default(),
        num_alerts: group.num_alerts.and_then(|n| u64::try_from(n).ok()),
        alerts: group.results.unwrap_or_default().iter().map(|raw| Alert::from_raw(raw.get())).collect(),
    };
    Ok(Rows(bulk.results.into_iter().map(|group| group.map(answer)).collect()))
}
