//! The further calls: what ANTARES offers beside what every broker does.

use super::services::{self, CatalogMatch, CatalogSample, GravWaveNotice, Resource, Statistics, Thumbnail};
use super::{Antares, AntaresAlert, ApiVersion, Locus, listing};
use crate::plugin::*;

/// Calls of ANTARES alone; [`Client::run`] carries them out.
///
/// ```no_run
/// # async fn run() -> tom_alerts::Result<()> {
/// use tom_alerts::brokers::antares::{AntaresBroker, AntaresConfig};
/// let antares = AntaresBroker::new(AntaresConfig::default())?;
/// let statistics = antares.run(Ok(antares.protocol().statistics())).await?;
/// println!("{} tags", statistics.tags.len());
/// # Ok(()) }
/// ```
///
/// Where they give `Rows`, each row that cannot be read is an error in its place. Calls about a
/// locus fail with [`ErrorKind::Input`] for an id that cannot be one, and with
/// [`ErrorKind::NotFound`] when the service has no such thing.
impl Antares {
    /// A locus with its light curve and without its history; also one that was merged into another.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of a locus.
    pub fn locus(&self, id: &str) -> Result<Call<Alert<Locus>>> {
        self.of_locus(id)?;
        Ok(Call::get(self.roots.get(&["loci", id]), |response| listing::one(&response)))
    }

    /// The complete history of a locus, every page of it, each alert with its own text.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of a locus.
    pub fn alerts(&self, id: &str) -> Result<Call<Vec<Result<Alert<AntaresAlert>>>>> {
        self.of_locus(id)?;
        Ok(self
            .whole_history(id)
            .map(|history| Ok(history?.into_iter().map(super::object::read_alert).collect())))
    }

    /// The objects of catalogues that match a locus.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of a locus.
    pub fn catalog_matches(&self, id: &str) -> Result<Call<Rows<CatalogMatch>>> {
        self.of_locus(id)?;
        Ok(self.list(self.roots.get(&["loci", id, "catalog-matches"])))
    }

    /// The objects of catalogues at a place in degrees.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn catalog_search(&self, ra: f64, dec: f64) -> Result<Call<Rows<CatalogSample>>> {
        sky::check_cone(ra, dec, 1.0, 1.0)?;
        Ok(self.list(self.roots.get(&["catalog_search", &ra.to_string(), &dec.to_string()])))
    }

    /// Some objects of each catalogue, 1 to 50, to see its columns.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for another number.
    pub fn catalog_samples(&self, n: u32) -> Result<Call<Rows<CatalogSample>>> {
        if !(1..=50).contains(&n) {
            let problems = vec![Problem::new("n", "must be within 1..=50")];
            return Err(Error::from_problems(ErrorKind::Input, problems));
        }
        Ok(self.list(self.roots.get(&["catalog_samples"]).query("n", n)))
    }

    /// The tags and catalogues there are now.
    #[must_use]
    pub fn statistics(&self) -> Call<Statistics> {
        self.one(self.roots.get(&["loci", "statistics"]))
    }

    /// The images of an alert, such as `ztf_candidate:…`; their URLs lie on another host.
    #[must_use]
    pub fn thumbnails(&self, alert_id: &str) -> Call<Rows<Thumbnail>> {
        self.list(self.roots.get(&["alerts", alert_id, "thumbnails"]))
    }

    /// The latest notice of a gravitational-wave event by its id at GraceDB, such as `S240930w`.
    #[must_use]
    pub fn grav_wave_notice(&self, gracedb_id: &str) -> Call<GravWaveNotice> {
        self.one(self.roots.get(&[self.notices(), gracedb_id, "latest"]))
    }

    /// The notice of a gravitational-wave event that was given at an instant.
    #[must_use]
    pub fn grav_wave_notice_at(&self, gracedb_id: &str, time: DateTime<Utc>) -> Call<GravWaveNotice> {
        let time = time.format("%Y-%m-%dT%H:%M:%S%.f").to_string();
        self.one(self.roots.get(&[self.notices(), gracedb_id, &time]))
    }

    /// The latest notices of several gravitational-wave events.
    #[must_use]
    pub fn grav_wave_notices(&self, gracedb_ids: &[&str]) -> Call<Rows<GravWaveNotice>> {
        let request = self.roots.get(&[self.notices(), "latest"]);
        self.list(match self.roots.version() {
            ApiVersion::V1 => request.query("ids", gracedb_ids.join(",")),
            ApiVersion::V2 => gracedb_ids.iter().fold(request, |request, id| request.query("ids", id)),
        })
    }

    fn notices(&self) -> &'static str {
        match self.roots.version() {
            ApiVersion::V1 => "grav_wave_notices",
            ApiVersion::V2 => "grav_wave_notice",
        }
    }

    fn one<T: Resource + Send + 'static>(&self, request: Request) -> Call<T> {
        let version = self.roots.version();
        Call::get(request, move |response| services::one(version, &response))
    }

    fn list<T: Resource + Send + 'static>(&self, request: Request) -> Call<Rows<T>> {
        let version = self.roots.version();
        Call::get(request, move |response| services::list(version, &response))
    }
}
