//! `BrokerInfo`: what a broker says of itself.

use serde::Serialize;

/// Who and what a broker is; a constant of its plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BrokerInfo {
    /// The name under which a registry knows it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// The service's page for people.
    pub home: &'static str,
    /// Other names for it: TOM Toolkit's dotted class paths.
    pub aliases: &'static [&'static str],
    /// Settings of a TOM that mean a key of this broker's table: dots lead into tables, and the key `*`
    /// means that the setting is a table of this broker's keys.
    pub config_keys: &'static [(&'static str, &'static str)],
    /// What [`GenericAlert::score`](crate::GenericAlert::score) means here.
    pub score: &'static str,
    /// Whether the public service is there.
    pub status: ServiceStatus,
    /// What it can do.
    pub can: Capabilities,
    /// Whether a listing lacks what a target needs, so that each alert must be fetched by itself.
    pub listing_lacks_target: bool,
    /// The most requests at once that the service asks for, whatever the configuration says.
    pub max_in_flight: Option<u32>,
    /// The least time between two requests that the service asks for, in milliseconds.
    pub min_interval_ms: Option<u64>,
    /// When its facts were last compared with what the service publishes, and with which release.
    pub checked: Option<Checked>,
}

impl BrokerInfo {
    /// A living broker that can do nothing yet.
    #[must_use]
    pub const fn new(name: &'static str, about: &'static str, home: &'static str) -> Self {
        Self {
            name,
            about,
            home,
            aliases: &[],
            config_keys: &[],
            score: "this broker has no score",
            status: ServiceStatus::Alive,
            can: Capabilities::NONE,
            listing_lacks_target: false,
            max_in_flight: None,
            min_interval_ms: None,
            checked: None,
        }
    }

    /// Says what it can do.
    #[must_use]
    pub const fn can(mut self, can: Capabilities) -> Self {
        self.can = can;
        self
    }

    /// Adds other names.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Says which settings of a TOM mean which key of this broker's table: dots lead into tables, as in
    /// `HARVESTERS.TNS.api_key`, and the key `*` means that the setting is a table of its keys.
    #[must_use]
    pub const fn config_keys(mut self, keys: &'static [(&'static str, &'static str)]) -> Self {
        self.config_keys = keys;
        self
    }

    /// Says what the score means.
    #[must_use]
    pub const fn score(mut self, meaning: &'static str) -> Self {
        self.score = meaning;
        self
    }

    /// Says that the public service is gone.
    #[must_use]
    pub const fn retired(mut self) -> Self {
        self.status = ServiceStatus::Retired;
        self
    }

    /// Says that each alert must be fetched by itself before it can become a target.
    #[must_use]
    pub const fn listing_lacks_target(mut self) -> Self {
        self.listing_lacks_target = true;
        self
    }

    /// Says how polite the service wants its clients to be.
    #[must_use]
    pub const fn polite(mut self, max_in_flight: u32, min_interval_ms: u64) -> Self {
        self.max_in_flight = Some(max_in_flight);
        self.min_interval_ms = Some(min_interval_ms);
        self
    }

    /// Says on which day (`2026-11-30`) its facts were compared with the published source, client or documents
    /// of the service, and with which release of them.
    #[must_use]
    pub const fn checked(mut self, date: &'static str, version: &'static str) -> Self {
        self.checked = Some(Checked { date, version });
        self
    }
}

/// When the facts of a broker (addresses, fields, limits) were compared with what its service publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checked {
    /// The day, as `2026-11-30`.
    pub date: &'static str,
    /// The release that was looked at, of the service, its client or its documents.
    pub version: &'static str,
}

impl std::fmt::Display for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.date, self.version)
    }
}

/// Whether the public service of a broker is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ServiceStatus {
    /// It answers.
    Alive,
    /// It is gone; the broker works against an instance of your own.
    Retired,
}

impl ServiceStatus {
    /// The word for it: `alive`, `retired`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Retired => "retired",
        }
    }
}

/// What a broker can do; the contract suite proves it. Written with `..Capabilities::NONE`, as more
/// may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// List alerts by a query.
    pub list: bool,
    /// Fetch one alert by its id.
    pub one: bool,
    /// Give light curves, spectra or positions.
    pub reduced_data: bool,
    /// Give classifications.
    pub classifications: bool,
    /// Give cutouts.
    pub cutouts: bool,
    /// Take submissions.
    pub submit: bool,
    /// Search a cone.
    pub cone: bool,
    /// Search by name.
    pub name: bool,
    /// Be read as a stream of messages.
    pub stream: bool,
    /// Work only with a credential.
    pub credentials: bool,
}

impl Capabilities {
    /// Nothing at all.
    pub const NONE: Self = Self {
        list: false,
        one: false,
        reduced_data: false,
        classifications: false,
        cutouts: false,
        submit: false,
        cone: false,
        name: false,
        stream: false,
        credentials: false,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_the_last_check_is_said() {
        const INFO: BrokerInfo =
            BrokerInfo::new("Toy", "A toy", "https://toy.example/").checked("2026-11-30", "1.2");
        let said = serde_json::to_value(INFO).unwrap();
        assert_eq!(said["checked"], serde_json::json!({"date": "2026-11-30", "version": "1.2"}));
        assert_eq!(INFO.checked.unwrap().to_string(), "2026-11-30 (1.2)");
        let never = serde_json::to_value(BrokerInfo::new("Toy", "A toy", "https://toy.example/")).unwrap();
        assert_eq!(never["checked"], serde_json::Value::Null);
    }
}
