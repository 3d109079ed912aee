//! The further calls: what Fink's services offer beside what every broker does.

use std::collections::BTreeMap;

use super::{
    Fink, LsstForced, LsstObject, NightStatistics, Schema, SimbadName, SsoName, Tag, TnsName, ZtfAlert, read,
};
use crate::plugin::*;

/// Calls of Fink alone; [`Client::run`] carries them out.
///
/// ```no_run
/// # async fn run() -> tom_alerts::Result<()> {
/// use tom_alerts::brokers::fink::{FinkBroker, FinkConfig};
/// let fink = FinkBroker::new(FinkConfig::default())?;
/// let names = fink.run(fink.protocol().resolve_sso("Benoitcarry")).await?;
/// # Ok(()) }
/// ```
///
/// Where they give `Rows`, each row that cannot be read is an error in its place. Calls about
/// objects fail with [`ErrorKind::Input`] for an id that cannot be one of the survey; those of LSST
/// with [`ErrorKind::Config`] where its service is not set apart from ZTF's.
impl Fink {
    /// The classes that ZTF's alerts can be listed by now, by who gives them.
    #[must_use]
    pub fn classes(&self) -> Call<BTreeMap<String, Vec<String>>> {
        Call::get(self.roots.ztf_list("classes"), |response| response.json())
    }

    /// The tags of LSST's alerts now, by their names; [`Tag::api_support`] says which can be listed by.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] as above.
    pub fn tags(&self) -> Result<Call<BTreeMap<String, Tag>>> {
        Ok(Call::get(self.roots.lsst_list("tags")?, |response| response.json()))
    }

    /// The blocks that LSST's tags are built of, with what each does.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] as above.
    pub fn blocks(&self) -> Result<Call<BTreeMap<String, String>>> {
        Ok(Call::get(self.roots.lsst_list("blocks")?, |response| response.json()))
    }

    /// The columns that a route of LSST's service has, such as `sources`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] as above.
    pub fn lsst_schema(&self, route: &str) -> Result<Call<Schema>> {
        let arguments = json!({"endpoint": format!("/api/v1/{route}")});
        Ok(Call::get(self.roots.ask(Survey::Lsst, "schema", &arguments)?, |response| response.json()))
    }

    /// The columns that ZTF's service has, by their family, as it describes them; slow.
    #[must_use]
    pub fn ztf_schema(&self) -> Call<Map<String, Value>> {
        Call::get(self.roots.ztf_list("schema"), |response| response.json())
    }

    /// What each night of a date brought: `2026`, `202603` or `20260321`; an empty text is all nights.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for another date, [`ErrorKind::Config`] as above.
    pub fn statistics(&self, survey: Survey, date: &str) -> Result<Call<Rows<NightStatistics>>> {
        let date = date.trim();
        if !matches!(date.len(), 0 | 4 | 6 | 8) || !date.bytes().all(|b| b.is_ascii_digit()) {
            let problem = Problem::new("date", "a year, month or day is due, as 2026, 202603 or 20260321");
            return Err(Error::from_problems(ErrorKind::Input, vec![problem]));
        }
        Ok(Call::get(self.roots.ask(survey, "statistics", &json!({"date": date}))?, |response| {
            response.json()
        }))
    }

    /// The objects at TNS whose name begins so, in either case: `SN 2023vwy`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an empty name, which would mean all of TNS.
    pub fn resolve_tns(&self, survey: Survey, name: &str) -> Result<Call<Rows<TnsName>>> {
        Ok(Call::get(self.tns_request(survey, name, false)?, |response| response.json()))
    }

    /// The names at TNS of a ZTF object.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn tns_of(&self, oid: &str) -> Result<Call<Rows<TnsName>>> {
        let oid = self.of_survey(oid, Survey::Ztf)?;
        Ok(Call::get(self.tns_request(Survey::Ztf, oid, true)?, |response| response.json()))
    }

    /// The objects that SIMBAD has by a name.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an empty name.
    pub fn resolve_simbad(&self, name: &str) -> Result<Call<Rows<SimbadName>>> {
        Ok(Call::get(self.resolver("simbad", name, false)?, |response| response.json()))
    }

    /// The latest alerts of a ZTF object with the type that SIMBAD has for it; a hundred at most.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn simbad_of(&self, oid: &str) -> Result<Call<Rows<ZtfAlert>>> {
        let request = self.resolver("simbad", self.of_survey(oid, Survey::Ztf)?, true)?;
        Ok(Call::get(request, |response| response.json()))
    }

    /// The solar-system objects of a name or number, with the name that ZTF's alerts have them by.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an empty name.
    pub fn resolve_sso(&self, name: &str) -> Result<Call<Rows<SsoName>>> {
        Ok(Call::get(self.resolver("ssodnet", name, false)?, |response| response.json()))
    }

    /// Rubin's and Fink's summary of LSST objects, one row each.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of LSST.
    pub fn lsst_objects(&self, oids: &[&str]) -> Result<Call<Rows<LsstObject>>> {
        let oids = oids.iter().map(|oid| self.of_survey(oid, Survey::Lsst)).collect::<Result<Vec<_>>>()?;
        let arguments = json!({"diaObjectId": oids.join(",")});
        Ok(Call::get(self.roots.ask(Survey::Lsst, "objects", &arguments)?, |response| response.json()))
    }

    /// The forced photometry of an LSST object as its service sends it; there is none of an object
    /// with a single source.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of LSST.
    pub fn lsst_forced(&self, oid: &str) -> Result<Call<Rows<LsstForced>>> {
        let oid = self.of_survey(oid, Survey::Lsst)?;
        let arguments = json!({"diaObjectId": oid});
        Ok(Call::get(self.roots.ask(Survey::Lsst, "fp", &arguments)?, |response| response.json()))
    }

    pub(super) fn tns_request(&self, survey: Survey, name: &str, reverse: bool) -> Result<Request> {
        match survey {
            Survey::Ztf => self.resolver("tns", name, reverse),
            Survey::Lsst => {
                let arguments = json!({"resolver": "tns", "name_or_id": said(name)?, "nmax": NAMES});
                self.roots.ask(Survey::Lsst, "resolver", &arguments)
            }
        }
    }

    fn resolver(&self, resolver: &str, name: &str, reverse: bool) -> Result<Request> {
        let mut arguments = json!({"resolver": resolver, "name": said(name)?, "nmax": NAMES});
        if reverse {
            arguments["reverse"] = true.into();
        }
        self.roots.ask(Survey::Ztf, "resolver", &arguments)
    }
}

/// The most names that a resolver is asked for.
const NAMES: u32 = 100;

fn said(name: &str) -> Result<&str> {
    let name = name.trim();
    if read::is_nothing(name) {
        let problem = Problem::new("name", "must be given: an empty one means every name there is");
        return Err(Error::from_problems(ErrorKind::Input, vec![problem]));
    }
    Ok(name)
}
