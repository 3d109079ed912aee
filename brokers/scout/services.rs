//! The further calls: what Scout offers beside what every broker does.

use super::{Ephemeris, Scout, ScoutQuery, listing};
use crate::plugin::*;

impl Scout {
    /// An ephemeris of one object over all its sampled orbits: `query` has `tdes` and `eph_start`.
    ///
    /// ```
    /// use tom_alerts::brokers::scout::{Scout, ScoutConfig, ScoutQuery};
    /// use tom_alerts::plugin::*;
    /// let scout = Scout::new(ScoutConfig::default())?;
    /// let query = ScoutQuery {
    ///     tdes: Some("P12p4Jx".into()),
    ///     eph_start: Some("2026-02-12 04:00".into()),
    ///     obs_code: Some("W68".into()),
    ///     ..ScoutQuery::default()
    /// };
    /// let request = scout.ephemeris(&query)?.requests()[0].url().query().map(str::to_owned);
    /// assert_eq!(request.as_deref(), Some("tdes=P12p4Jx&eph-start=2026-02-12T04%3A00%3A00&obs-code=W68"));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with every fault of the query.
    pub fn ephemeris(&self, query: &ScoutQuery) -> Result<Call<Ephemeris>> {
        let query = form::check(query)?;
        let Some(tdes) = query.tdes.as_deref().filter(|_| query.wants_ephemeris()) else {
            return Err(Error::new(ErrorKind::Input, "an ephemeris needs tdes and eph_start"));
        };
        Ok(Call::get(query.with_options(self.endpoints.object(tdes)), |response| {
            let object = listing::object(&response, true)?.into_packet();
            Ok(object.ephemeris.map(|ephemeris| *ephemeris).unwrap_or_default())
        }))
    }
}
