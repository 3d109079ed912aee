//! `Wanted`: what of a query an alert is held against, as the service cannot be asked.

use super::names;
use super::packet::GaiaAlert;
use super::query::GaiaQuery;
use crate::plugin::*;

/// What of a query an alert is held against.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// In lower case, without blanks.
    name: Option<String>,
    part: bool,
    cone: Option<[f64; 3]>,
    class: Option<String>,
    times: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    magnitudes: (Option<f64>, Option<f64>),
}

fn within<T: PartialOrd>((low, high): &(Option<T>, Option<T>), value: Option<T>) -> bool {
    let Some(value) = value else { return low.is_none() && high.is_none() };
    low.as_ref().is_none_or(|low| *low <= value) && high.as_ref().is_none_or(|high| value <= *high)
}

impl Wanted {
    pub(super) fn of(query: &GaiaQuery) -> Self {
        let name = query
            .target_name
            .as_deref()
            .map(|name| name.split_whitespace().collect::<String>().to_ascii_lowercase());
        Self {
            name,
            part: query.name_contains,
            cone: query.cone(),
            class: query.classification.clone(),
            times: (query.obstime_min, query.obstime_max),
            magnitudes: (query.mag_min, query.mag_max),
        }
    }

    /// Whether an alert of these names, of Gaia and of TNS, may be wanted.
    pub(super) fn takes_name(&self, name: &[u8], tnsid: &[u8]) -> bool {
        let Some(wanted) = &self.name else { return true };
        if name.eq_ignore_ascii_case(wanted.as_bytes()) {
            return true;
        }
        if self.part {
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            return name.contains(wanted.as_str());
        }
        if tnsid.is_empty() || wanted.starts_with("gaia") {
            return false;
        }
        let tnsid = String::from_utf8_lossy(tnsid).to_ascii_lowercase();
        let tnsid: String = tnsid.split_whitespace().collect();
        let bare = names::without_prefix(wanted);
        !bare.is_empty() && names::without_prefix(&tnsid) == bare
    }

    /// Whether an alert at this place may be wanted; the edge of a cone belongs to it.
    pub(super) fn takes_place(&self, ra: Option<f64>, dec: Option<f64>) -> bool {
        /// What is lost in the sines of an edge, degrees.
        const ROUNDING: f64 = 1e-10;
        let Some([centre_ra, centre_dec, radius]) = self.cone else { return true };
        let (Some(ra), Some(dec)) = (ra, dec) else { return false };
        let radius = radius + ROUNDING;
        (dec - centre_dec).abs() <= radius && sky::separation(centre_ra, centre_dec, ra, dec) <= radius
    }

    /// Whether an alert has the class, time and magnitude that are wanted.
    pub(super) fn takes_rest(&self, alert: &GaiaAlert) -> bool {
        let class = alert.classification.as_deref().unwrap_or_default();
        let untimed = self.times.0.is_none() && self.times.1.is_none();
        self.class.as_deref().is_none_or(|wanted| wanted.trim().eq_ignore_ascii_case(class))
            && (untimed || within(&self.times, alert.time()))
            && within(&self.magnitudes, alert.alert_mag)
    }

    /// Whether the magnitude of an alert decides.
    pub(super) fn asks_magnitude(&self) -> bool {
        self.magnitudes.0.is_some() || self.magnitudes.1.is_some()
    }

    pub(super) fn takes(&self, alert: &GaiaAlert) -> bool {
        let tnsid = alert.tnsid.as_deref().unwrap_or_default();
        self.takes_name(alert.name.as_bytes(), tnsid.as_bytes())
            && self.takes_place(alert.ra, alert.dec)
            && self.takes_rest(alert)
    }
}
