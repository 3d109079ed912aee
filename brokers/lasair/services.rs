//! The further calls: what Lasair offers beside what every broker does.

use super::Ztf;
use super::facts::Found;
use super::listing;
use super::listing::ConeMatch;
use super::sherlock::Sherlock;
use super::survey::{Batch, LasairSurvey};
use super::ztf::{LasairPacket, light_curve};
use super::{Lasair, sql};
use crate::plugin::*;

/// The widest cone of both services, arcsec.
const WIDEST: f64 = 1000.0;

/// Calls of Lasair alone; [`Client::run`] carries them out.
///
/// ```no_run
/// # async fn run() -> tom_alerts::Result<()> {
/// use tom_alerts::brokers::lasair::{LasairBroker, LasairConfig};
/// let config = LasairConfig { api_key: Some("made0up0token".into()), ..LasairConfig::default() };
/// let lasair = LasairBroker::new(config)?;
/// let sherlock = lasair.run(lasair.protocol().sherlock_at(124.88, -6.02, true)).await?;
/// println!("{:?}: {:?}", sherlock.class(), sherlock.words());
/// # Ok(()) }
/// ```
///
/// Calls about an object fail with [`ErrorKind::Input`] for an id that cannot be one of the survey,
/// those about a place for numbers out of range.
impl<S: LasairSurvey> Lasair<S> {
    /// How many objects lie within `radius` arcsec of a place in degrees.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn cone_count(&self, ra: f64, dec: f64, radius: f64) -> Result<Call<u64>> {
        #[derive(Deserialize)]
        struct Count {
            count: u64,
        }
        sky::check_cone(ra, dec, radius, WIDEST)?;
        let request = self.endpoints.cone(ra, dec, radius, "count");
        Ok(Call::get(request, |response| response.json::<Count>().map(|answer| answer.count)))
    }

    /// The object that is nearest to a place, if one lies within `radius` arcsec.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn cone_nearest(&self, ra: f64, dec: f64, radius: f64) -> Result<Call<Option<ConeMatch>>> {
        sky::check_cone(ra, dec, radius, WIDEST)?;
        Ok(Call::get(self.endpoints.cone(ra, dec, radius, "nearest"), |response| read_nearest(&response)))
    }

    /// The objects of these ids in their order, in the largest batches there are; ZTF's with their
    /// light curves. One that the service does not have is an error in its place.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that cannot be one.
    pub fn objects(&self, ids: &[&str]) -> Result<Call<Batch<S::Packet>>> {
        ids.iter().try_for_each(|id| S::FACTS.known(id))?;
        let found: Vec<Found> = ids.iter().map(|id| Found::new(*id)).collect();
        Ok(listing::in_batches::<S>(&self.endpoints, &found, true))
    }

    /// Rows of a query as the service sends them, with whatever columns they have.
    ///
    /// `tables` is a list such as `sherlock_classifications`; `objects` is always part of it. The
    /// service cuts at 1,000 rows or what the account may have.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for what the service would refuse or ignore.
    pub fn rows(
        &self,
        selected: &str,
        tables: &[String],
        conditions: &str,
        limit: u64,
        offset: u64,
    ) -> Result<Call<Vec<Map<String, Value>>>> {
        let facts = S::FACTS;
        let mut problems = Vec::new();
        let mut told = |field: &str, fault: Option<String>| {
            problems.extend(fault.map(|text| Problem::new(field, text)));
        };
        told("selected", selected.trim().is_empty().then(|| "must not be empty".to_owned()));
        told("selected", sql::selected_fault(selected));
        told("conditions", sql::conditions_fault(facts, conditions));
        tables.iter().for_each(|table| told("tables", sql::table_fault(facts, table)));
        told("tables", sql::tables_fault(tables, &[conditions, selected]));
        if !problems.is_empty() {
            return Err(Error::from_problems(ErrorKind::Input, problems));
        }
        let conditions = sql::enclosed(conditions);
        let request = self.endpoints.query(selected, &sql::tables(tables), &conditions, limit, offset);
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Call::get(request, move |response| {
            let mut rows: Vec<Map<String, Value>> = response.json()?;
            rows.truncate(most);
            Ok(rows)
        }))
    }

    /// What Sherlock says of an object: its best match, or with `lite` false every source near it.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that cannot be one of the survey.
    pub fn sherlock_of(&self, id: &str, lite: bool) -> Result<Call<Sherlock>> {
        S::FACTS.known(id)?;
        Ok(Call::get(self.endpoints.sherlock_object(id, lite), |response| response.json()))
    }

    /// What Sherlock says of a place in degrees.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn sherlock_at(&self, ra: f64, dec: f64, lite: bool) -> Result<Call<Sherlock>> {
        sky::check_cone(ra, dec, 1.0, WIDEST)?;
        Ok(Call::get(self.endpoints.sherlock_position(ra, dec, lite), |response| response.json()))
    }
}

impl Lasair<Ztf> {
    /// The light curves of these objects in their order, 1000 a request, without what else is known
    /// of them. An object that the service does not know has no points; one whose light curve cannot
    /// be read, or is missing in the answer, has that as its failure.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that cannot be one.
    pub fn light_curves(&self, ids: &[&str]) -> Result<Call<Vec<(String, ReducedData)>>> {
        const IDS: usize = 1000;
        ids.iter().try_for_each(|id| Ztf::FACTS.known(id))?;
        let ask = |ids: &[&str]| {
            let request = self.endpoints.post(&["lightcurves"]).form("objectIds", ids.join(","));
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            Call::get(request, move |response| {
                let curves = response.json::<Rows<LasairPacket>>()?.0;
                let mut all = Vec::with_capacity(ids.len());
                let short = ids.get(curves.len()..).unwrap_or_default().iter();
                let short = short.map(|_| {
                    Err(Error::new(ErrorKind::Unreadable, "the answer says nothing of this object"))
                });
                for (curve, asked) in curves.into_iter().chain(short).zip(&ids) {
                    all.push(match curve {
                        Ok(curve) => (curve.object_id.clone(), light_curve(&curve.object_id, &curve)),
                        Err(error) => {
                            let mut data = ReducedData::default();
                            data.failures.push(error.with("id", asked));
                            (asked.clone(), data)
                        }
                    });
                }
                Ok(all)
            })
        };
        let calls = ids.chunks(IDS).map(ask).collect();
        Ok(Call::all(calls, |results| {
            let batches = results.into_iter().collect::<Result<Vec<_>>>()?;
            Ok(batches.into_iter().flatten().collect())
        }))
    }
}

/// The nearest object: by itself from ZTF's service, in an object from LSST's.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when it is neither.
pub(super) fn read_nearest(response: &Response) -> Result<Option<ConeMatch>> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Around {
        nearest: Option<ConeMatch>,
        #[serde(deserialize_with = "wire::text")]
        object: Option<String>,
        #[serde(deserialize_with = "wire::number_or_none")]
        separation: Option<f64>,
    }
    if super::errors::nothing_there(response) {
        return Ok(None);
    }
    let answer: Around = response.json()?;
    let own = ConeMatch { object: answer.object, separation: answer.separation };
    Ok(answer.nearest.or(Some(own)).filter(|found| found.object.is_some()))
}
