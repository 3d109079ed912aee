//! What Lasair can be asked: `LasairQuery`.

use std::marker::PhantomData;

use super::sql;
use super::survey::LasairSurvey;
use super::{Lsst, Ztf};
use crate::plugin::*;

/// What a Lasair can be asked.
///
/// One of three ways: a cone, ids, or the conditions of a query over Lasair's tables. As in TOM
/// Toolkit a cone goes before conditions; a note says that they were left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields, bound = "")]
pub struct LasairQuery<S: LasairSurvey = Ztf> {
    /// Ids of objects: ZTF's are like `ZTF20aaelulu`, LSST's (`diaObjectId`) have 15 to 19 digits.
    #[garde(skip)]
    #[schemars(title = "Object ID", extend(
        "x-group" = "Object", "x-alias" = ["objectId", "objectIds", "diaObjectId", "oid"]
    ))]
    pub object_id: Vec<String>,
    /// Right ascension of the cone's centre, J2000.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend(
        "x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search", "x-alias" = ["cone_ra"]
    ))]
    pub ra: Option<f64>,
    /// Declination of the cone's centre, J2000.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend(
        "x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search", "x-alias" = ["cone_dec"]
    ))]
    pub dec: Option<f64>,
    /// Radius of the cone, at most 1000. Default: 10.
    #[garde(range(min = 0.0, max = 1000.0))]
    #[schemars(title = "Radius", extend(
        "x-unit" = "arcsec", "x-group" = "Cone search", "x-alias" = ["cone_radius"], "exclusiveMinimum" = 0.0
    ))]
    pub radius: Option<f64>,
    /// What the objects must fulfil, as the WHERE of an SQL query: `gmag < 12.0` for ZTF,
    /// `objects.nDiaSources > 5 AND objects.lastDiaSourceMjdTai > mjdnow() - 7` for LSST. It may end
    /// in `ORDER BY`; rows that are alike by it, and all without it, are ordered by id, so that none is
    /// lost between two pages.
    #[garde(skip)]
    #[schemars(title = "Conditions", extend("x-group" = "Query", "x-alias" = ["sqlquery"]))]
    pub conditions: Option<String>,
    /// Tables beside `objects`. `sherlock_classifications` and `crossmatch_tns` leave out objects
    /// that are not in them; `watchlist:<n>`, `area:<n>` and `annotator:<topic>` select by lists of
    /// Lasair. A topic is written in lower case, in `conditions` too.
    #[garde(skip)]
    #[schemars(title = "Tables", extend("x-group" = "Query", "x-hints" = [
        "sherlock_classifications", "crossmatch_tns", "watchlist:1", "area:1", "annotator:topic"
    ]))]
    pub tables: Vec<String>,
    /// Columns of the rows, in place of those that a target is made of; the id is always there. The
    /// alert's own text holds all of them. Without positions among them alerts become no targets.
    #[garde(skip)]
    #[schemars(title = "Columns", extend("x-group" = "Query", "x-hints" = ["objects.*"]))]
    pub selected: Option<String>,
    /// Whether ZTF objects come with light curve, Sherlock's match and the TNS entry, 200 a request.
    /// Default: yes, but not where `selected` asks for columns: the two do not go together. LSST's come
    /// as rows, and their light curves one by one.
    #[garde(skip)]
    #[schemars(title = "Whole objects", extend("x-group" = "Query"))]
    pub whole_objects: Option<bool>,
    /// The most objects to list. Default: 1000.
    #[garde(range(min = 1, max = 1_000_000))]
    #[schemars(title = "Limit", extend("x-group" = "Listing"))]
    pub limit: Option<u64>,
    /// How many objects to leave out at the beginning. Default: 0.
    #[garde(range(max = 1_000_000_000))]
    #[schemars(title = "Offset", extend("x-group" = "Listing"))]
    pub offset: Option<u64>,
    #[doc(hidden)]
    #[garde(skip)]
    #[serde(skip)]
    pub survey: PhantomData<S>,
}

/// What Lasair for LSST can be asked.
pub type LasairLsstQuery = LasairQuery<Lsst>;

/// The radius where a cone has none, arcsec, as in TOM Toolkit.
const RADIUS: f64 = 10.0;
/// The most objects where the query does not say.
const LIMIT: u64 = 1000;

impl<S: LasairSurvey> LasairQuery<S> {
    /// The cone, where there is one: RA, Dec in degrees, radius in arcsec.
    #[must_use]
    pub fn cone(&self) -> Option<(f64, f64, f64)> {
        Some((self.ra?, self.dec?, self.radius.unwrap_or(RADIUS)))
    }

    pub(super) fn conditions(&self) -> &str {
        self.conditions.as_deref().map(str::trim).unwrap_or_default()
    }

    pub(super) fn selected(&self) -> Option<&str> {
        self.selected.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit.unwrap_or(LIMIT).max(1)
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset.unwrap_or(0)
    }

    /// Whether the objects of rows are fetched.
    pub(super) fn whole(&self) -> bool {
        S::FACTS.whole_batches && self.whole_objects.unwrap_or(self.selected().is_none())
    }
}

impl<S: LasairSurvey> Form for LasairQuery<S> {
    fn prepare(given: &mut Given) {
        // TOM Toolkit 2.6 has the centre of a cone as one text, and a name of its own for the query.
        if given.tom_query() == Some(TomQuery::Alerts) {
            given.remove("name");
        }
        let Some(text) = given.text("cone").map(str::to_owned) else { return };
        let parts: Vec<&str> = match text.contains(',') {
            true => text.split(',').map(str::trim).collect(),
            false => text.split_whitespace().collect(),
        };
        match parts[..] {
            [ra, dec] | [ra, dec, _] if given.get("ra").is_none() && given.get("cone_ra").is_none() => {
                given.remove("cone");
                given.set("ra", ra, "cone");
                given.set("dec", dec, "cone");
                if let Some(radius) = parts.get(2) {
                    given.set("radius", *radius, "cone");
                }
            }
            [_, _] | [_, _, _] => given.fault("cone", "one cone is searched: give the text or the numbers"),
            _ => given.fault("cone", "give RA,Dec in degrees, and a radius in arcsec where 10 is not meant"),
        }
    }

    fn rules(&self, rules: &mut Rules<'_>) {
        let facts = S::FACTS;
        for id in &self.object_id {
            if let Some(fault) = facts.fault(id) {
                rules.fault("object_id", fault);
            }
        }
        let pair = self.ra.is_some() == self.dec.is_some();
        rules.check(&["ra", "dec"], pair, "give both or none");
        let cone = self.ra.is_some() || self.dec.is_some();
        let query = !self.conditions().is_empty() || !self.tables.is_empty();
        let asked = cone || query || !self.object_id.is_empty();
        rules.due(&["ra", "dec", "conditions"], asked, "give a cone, conditions or object_id");
        let alone = self.object_id.is_empty() || !(cone || query);
        rules.check(&["object_id"], alone, "ids go without a cone and without conditions");
        if let Some(text) = sql::conditions_fault(facts, self.conditions()) {
            rules.fault("conditions", text);
        }
        let selected = self.selected().unwrap_or_default();
        if let Some(text) = sql::selected_fault(selected) {
            rules.fault("selected", text);
        }
        let sound = rules.could_read(&["conditions", "tables"]);
        let whole = selected.is_empty() || query || !sound;
        rules.check(&["selected"], whole, "columns go with conditions or tables");
        for table in &self.tables {
            if let Some(text) = sql::table_fault(facts, table) {
                rules.fault("tables", text);
            }
        }
        if rules.could_read(&["conditions", "tables", "selected"])
            && let Some(text) = sql::tables_fault(&self.tables, &[self.conditions(), selected])
        {
            rules.fault("tables", text);
        }
        let columns = self.whole_objects == Some(true) && !selected.is_empty();
        let text = "whole objects have every column already; give columns or whole objects";
        rules.check(&["selected", "whole_objects"], !columns, text);
        let whole = facts.whole_batches || self.whole_objects != Some(true);
        rules.check(&["whole_objects"], whole, "LSST's service gives whole objects one by one only");
    }
}
