//! The further services: names at TNS, SIMBAD and SsODNet, classes, tags, schemas, statistics.

use std::collections::BTreeMap;

use super::read::known;
use super::{Fink, LsstForced, ZtfAlert, read};
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
        Call::get(self.endpoints.ztf_list("classes"), |response| response.json())
    }

    /// The tags of LSST's alerts now, by their names; [`Tag::api_support`] says which can be listed by.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] as above.
    pub fn tags(&self) -> Result<Call<BTreeMap<String, Tag>>> {
        Ok(Call::get(self.endpoints.lsst_list("tags")?, |response| response.json()))
    }

    /// The blocks that LSST's tags are built of, with what each does.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] as above.
    pub fn blocks(&self) -> Result<Call<BTreeMap<String, String>>> {
        Ok(Call::get(self.endpoints.lsst_list("blocks")?, |response| response.json()))
    }

    /// The columns that a route of LSST's service has, such as `sources`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] as above.
    pub fn lsst_schema(&self, route: &str) -> Result<Call<Schema>> {
        let arguments = json!({"endpoint": format!("/api/v1/{route}")});
        Ok(Call::get(self.endpoints.ask(Survey::Lsst, "schema", &arguments)?, |response| response.json()))
    }

    /// The columns that ZTF's service has, by their family, as it describes them; slow.
    #[must_use]
    pub fn ztf_schema(&self) -> Call<Map<String, Value>> {
        Call::get(self.endpoints.ztf_list("schema"), |response| response.json())
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
        Ok(Call::get(self.endpoints.ask(survey, "statistics", &json!({"date": date}))?, |response| {
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
        Ok(Call::get(self.endpoints.ask(Survey::Lsst, "objects", &arguments)?, |response| response.json()))
    }

    /// The forced photometry of an LSST object as its service sends it; there is none of an object
    /// with a single source.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of LSST.
    pub fn lsst_forced(&self, oid: &str) -> Result<Call<Rows<LsstForced>>> {
        let oid = self.of_survey(oid, Survey::Lsst)?;
        let arguments = json!({"diaObjectId": oid});
        Ok(Call::get(self.endpoints.ask(Survey::Lsst, "fp", &arguments)?, |response| response.json()))
    }

    pub(super) fn tns_request(&self, survey: Survey, name: &str, reverse: bool) -> Result<Request> {
        match survey {
            Survey::Ztf => self.resolver("tns", name, reverse),
            Survey::Lsst => {
                let arguments = json!({"resolver": "tns", "name_or_id": said(name)?, "nmax": NAMES});
                self.endpoints.ask(Survey::Lsst, "resolver", &arguments)
            }
        }
    }

    fn resolver(&self, resolver: &str, name: &str, reverse: bool) -> Result<Request> {
        let mut arguments = json!({"resolver": resolver, "name": said(name)?, "nmax": NAMES});
        if reverse {
            arguments["reverse"] = true.into();
        }
        self.endpoints.ask(Survey::Ztf, "resolver", &arguments)
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

/// A name of an object at the Transient Name Server, one row for each survey that reported it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TnsName {
    /// TNS's name with its prefix, `SN 2023vwy`.
    #[serde(rename = "d:fullname", alias = "f:fullname", deserialize_with = "wire::text_or_none")]
    pub fullname: Option<String>,
    /// The reporting survey's name.
    #[serde(rename = "d:internalname", alias = "f:internalname", deserialize_with = "wire::text_or_none")]
    pub internalname: Option<String>,
    /// Right ascension, degrees.
    #[serde(rename = "d:ra", alias = "f:ra", deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(rename = "d:declination", alias = "f:declination", deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// Type; the text `nan` when there is none.
    #[serde(rename = "d:type", alias = "f:type", deserialize_with = "wire::text_or_none")]
    pub kind: Option<String>,
    /// Redshift.
    #[serde(rename = "d:redshift", alias = "f:redshift", deserialize_with = "wire::number_or_none")]
    pub redshift: Option<f64>,
    /// When it was discovered, UTC; LSST's service only.
    #[serde(rename = "d:discoverydate", alias = "f:discoverydate", deserialize_with = "wire::text_or_none")]
    pub discoverydate: Option<String>,
}

impl TnsName {
    /// TNS's name.
    #[must_use]
    pub fn full_name(&self) -> Option<&str> {
        known(&self.fullname)
    }

    /// ZTF's name, where ZTF reported it.
    #[must_use]
    pub fn ztf_id(&self) -> Option<&str> {
        known(&self.internalname).filter(|name| Survey::Ztf.has_id(name))
    }

    /// The type, where there is one.
    #[must_use]
    pub fn object_type(&self) -> Option<&str> {
        known(&self.kind)
    }
}

/// An object by SIMBAD.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SimbadName {
    /// Which resolver answered.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub name: Option<String>,
    /// SIMBAD's number of it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub oid: Option<String>,
    /// Its main name.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub oname: Option<String>,
    /// Its type.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub otype: Option<String>,
    /// Position, sexagesimal.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub jpos: Option<String>,
    /// Right ascension, degrees.
    #[serde(rename = "jradeg", deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(rename = "jdedeg", deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// Where the position is from.
    #[serde(rename = "refPos", deserialize_with = "wire::text_or_none")]
    pub ref_pos: Option<String>,
    /// Morphological type.
    #[serde(rename = "MType", deserialize_with = "wire::text_or_none")]
    pub mtype: Option<String>,
    /// References to it.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub nrefs: Option<f64>,
}

/// A solar-system object by SsODNet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SsoName {
    /// Its name.
    #[serde(rename = "i:name", deserialize_with = "wire::text_or_none")]
    pub name: Option<String>,
    /// Its number.
    #[serde(rename = "i:number", deserialize_with = "wire::text_or_none")]
    pub number: Option<String>,
    /// The name that ZTF's alerts have it by.
    #[serde(rename = "i:ssnamenr", deserialize_with = "wire::text_or_none")]
    pub ssnamenr: Option<String>,
}

/// A tag of LSST's alerts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Tag {
    /// Whether alerts can be listed by it; the others are streams only.
    #[serde(rename = "API support", deserialize_with = "wire::flag_or_none")]
    pub api_support: Option<bool>,
    /// What it selects.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub description: Option<String>,
}

/// A column of a schema.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SchemaColumn {
    /// Its type.
    #[serde(rename = "type", deserialize_with = "wire::text_or_none")]
    pub kind: Option<String>,
    /// What it means.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub doc: Option<String>,
}

/// The columns of a route, by their group and name.
pub type Schema = BTreeMap<String, BTreeMap<String, SchemaColumn>>;

/// What one night brought.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NightStatistics {
    /// The columns by the service's names, such as `basic:sci` (ZTF) or `f:alerts` (LSST); the
    /// service sends most counts as text.
    pub columns: BTreeMap<String, Value>,
}

impl NightStatistics {
    /// The night, `YYYYMMDD`.
    #[must_use]
    pub fn night(&self) -> Option<&str> {
        let text = |key: &str| self.columns.get(key).and_then(Value::as_str);
        text("f:night").or_else(|| text("key:key").and_then(|key| key.strip_prefix("ztf_")))
    }

    /// A column as a whole number; `None` where it is missing or is none.
    #[must_use]
    pub fn count(&self, column: &str) -> Option<i64> {
        match self.columns.get(column)? {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_i64(),
        }
    }
}

/// Rubin's and Fink's columns of one LSST object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LsstObject {
    /// The columns by the service's names, such as `r:g_psfFluxMean` in nJy.
    pub columns: BTreeMap<String, Value>,
}

impl LsstObject {
    /// The object's id, every digit of it.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.columns.get("r:diaObjectId").filter(|id| id.is_number()).map(Value::to_string)
    }

    /// A column as a number; `None` where it is null, missing or no number.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<f64> {
        self.columns.get(column).and_then(Value::as_f64)
    }
}
