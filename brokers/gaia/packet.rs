//! `GaiaAlert`: an alert of the list, and what it becomes.

use super::names;
use crate::plugin::*;

/// An alert as the page for people has it; the CSV has the same without the last two.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GaiaAlert {
    /// Name, such as `Gaia20cpu`.
    #[serde(deserialize_with = "wire::id")]
    pub name: String,
    /// Name at the Transient Name Server, where it has one.
    #[serde(default, deserialize_with = "wire::filled_or_none")]
    pub tnsid: Option<String>,
    /// When it was observed, as the service writes it.
    #[serde(default, deserialize_with = "wire::filled_or_none")]
    pub obstime: Option<String>,
    /// Right ascension, degrees.
    #[serde(default, deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(default, deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// G magnitude of the alert.
    #[serde(default, rename = "alertMag", deserialize_with = "wire::number_or_none")]
    pub alert_mag: Option<f64>,
    /// Mean of the earlier G magnitudes; none for a new source.
    #[serde(default, rename = "historicMag", deserialize_with = "wire::number_or_none")]
    pub historic_mag: Option<f64>,
    /// Their scatter.
    #[serde(default, rename = "historicStdDev", deserialize_with = "wire::number_or_none")]
    pub historic_std_dev: Option<f64>,
    /// Class, or `unknown`.
    #[serde(default, deserialize_with = "wire::filled_or_none")]
    pub classification: Option<String>,
    /// When it was published, as the service writes it.
    #[serde(default, deserialize_with = "wire::filled_or_none")]
    pub published: Option<String>,
    /// What people say of it; may hold markup.
    #[serde(default, deserialize_with = "wire::filled_or_none")]
    pub comment: Option<String>,
    /// Its page.
    #[serde(default, deserialize_with = "wire::object_or_none")]
    pub per_alert: Option<PerAlert>,
    /// Whether there is a spectrum of the radial velocity spectrometer.
    #[serde(default, deserialize_with = "wire::flag_or_none")]
    pub rvs: Option<bool>,
}

/// The page of an alert.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PerAlert {
    /// The path of the page.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub link: Option<String>,
    /// The name that is shown.
    #[serde(deserialize_with = "wire::filled_or_none")]
    pub name: Option<String>,
}

/// The fields that are extras of the target, under their own names.
const EXTRAS: [&str; 8] =
    ["classification", "comment", "alertMag", "historicMag", "historicStdDev", "obstime", "published", "rvs"];

impl GaiaAlert {
    /// When it was observed, the text taken as UTC.
    pub(super) fn time(&self) -> Option<DateTime<Utc>> {
        self.obstime.as_deref().and_then(time::parse_utc)
    }

    pub(super) fn generic(&self, url: Url) -> GenericAlert {
        GenericAlert {
            timestamp: self.time(),
            ra: self.ra,
            dec: self.dec,
            mag: points::magnitude(self.alert_mag),
            score: Some(1.0),
            url: Some(url),
            ..GenericAlert::new(&self.name)
        }
    }

    /// Whose object it is: an alert of Gaia is one of an object, and its name is that of the object. The
    /// service does not say what its position is, nor the error.
    pub(super) fn provenance(&self) -> Provenance {
        Provenance::of_object(&self.name).observed_at(self.time())
    }

    /// The target; extras of an odd shape are kept as they stand in the text of the packet.
    pub(super) fn target(&self, raw: &str, generic: &GenericAlert) -> Result<Target> {
        let mut target = generic.to_target()?.with_epoch(2000.0);
        if let Some(name) = &self.tnsid {
            let name = name.split_whitespace().collect::<String>();
            let bare = names::without_prefix(&name).to_owned();
            target = target.with_alias(name).with_alias(bare);
        }
        let target = target
            .with_extra_opt("classification", self.classification.as_deref())
            .with_extra_opt("comment", self.comment.as_deref())
            .with_extra_opt("alertMag", self.alert_mag)
            .with_extra_opt("historicMag", self.historic_mag)
            .with_extra_opt("historicStdDev", self.historic_std_dev)
            .with_extra_opt("obstime", self.obstime.as_deref())
            .with_extra_opt("published", self.published.as_deref())
            .with_extra_opt("rvs", self.rvs);
        let odd = unread(raw, self).into_iter().filter(|odd| EXTRAS.contains(&odd.field.as_str()));
        Ok(odd.fold(target, |target, odd| target.with_extra(&odd.field, odd.text())))
    }

    /// What the people behind the alerts say it is.
    pub(super) fn classifications(&self) -> Vec<Classification> {
        let known = self.classification.as_deref().filter(|class| !class.eq_ignore_ascii_case("unknown"));
        let class = |class: &str| Classification {
            classifier: "Gaia Science Alerts".to_owned(),
            class: class.to_owned(),
            ..Classification::default()
        };
        known.map(class).into_iter().collect()
    }
}
