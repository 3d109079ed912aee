//! What Hermes can be asked, and where it is: `HermesQuery` and `HermesConfig`.

use std::fmt;

use super::hopskotch::{TOPIC_DUE, given, is_archived_topic, is_topic};
use super::packet::PacketKind;
use crate::plugin::*;

/// Where Hermes is, the token, and what a submission says unless it says otherwise.
///
/// `base_url` is the page itself, with or without a final slash; the path of the interface,
/// `api/v0/`, is added. The token is sent as `Authorization: Token …` and nothing else of the
/// configuration is ever sent but the topic, submitter and authors of a message.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct HermesConfig {
    /// The service. Default: the public one, `https://hermes.lco.global/`.
    #[garde(skip)]
    #[schemars(title = "Service", extend("x-alias" = ["HERMES_BASE_URL", "BASE_URL"]))]
    pub base_url: Option<Url>,
    /// The token of your profile page at Hermes. Targets, messages and events need it, and every
    /// submission; the archive does not, but shows your private topics with it.
    #[garde(skip)]
    #[schemars(title = "API token", extend("x-alias" = ["HERMES_API_TOKEN", "HERMES_API_KEY", "api_token", "token"]))]
    pub api_key: Option<Secret>,
    /// The topic of a submission that names none.
    #[garde(skip)]
    #[schemars(title = "Topic", extend("x-alias" = ["DEFAULT_TOPIC"]))]
    pub topic: Option<String>,
    /// Who submits, when a submission does not say.
    #[garde(skip)]
    #[schemars(title = "Submitter")]
    pub submitter: Option<String>,
    /// The authors of a submission that names none.
    #[garde(skip)]
    #[schemars(title = "Authors", extend("x-alias" = ["DEFAULT_AUTHORS"]))]
    pub authors: Option<String>,
    /// The most messages whose data are read for the name of one target, the newest first; each is one
    /// request. Without a token at most 1,000. Default: 200.
    #[garde(range(min = 1, max = 10_000))]
    #[schemars(title = "Messages of a target")]
    pub max_messages: Option<u32>,
}

impl HermesConfig {
    /// The most messages whose data are read for one name.
    pub(super) fn max_messages(&self) -> u32 {
        self.max_messages.unwrap_or(200).max(1)
    }
}

impl Form for HermesConfig {
    fn rules(&self, rules: &mut Rules<'_>) {
        let topic = given(&self.topic).is_none_or(is_topic);
        rules.check(&["topic"], topic, TOPIC_DUE);
    }
}

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Search {
    /// Targets that messages name.
    #[default]
    Targets,
    /// Messages of Hermes' index, without their bodies.
    Messages,
    /// Non-localised events.
    Events,
    /// The archive of every public topic; needs no token.
    Archive,
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Targets => "targets",
            Self::Messages => "messages",
            Self::Events => "events",
            Self::Archive => "archive",
        })
    }
}

/// Which end of a listing comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The newest.
    #[default]
    Newest,
    /// The oldest.
    Oldest,
}

/// A query to Hermes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct HermesQuery {
    /// What is searched. Default: targets.
    #[garde(skip)]
    #[schemars(title = "Search")]
    pub search: Search,
    /// Part of a target's name, in any case. Targets, messages.
    #[garde(skip)]
    #[schemars(title = "Target name", extend("x-group" = "Targets"))]
    pub target_name: Option<String>,
    /// A target's whole name. Targets, messages.
    #[garde(skip)]
    #[schemars(title = "Exact target name", extend("x-group" = "Targets", "x-alias" = ["exact_name", "name_exact"]))]
    pub target_name_exact: Option<String>,
    /// Right ascension of the cone's centre. Targets, messages.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search"))]
    pub ra: Option<f64>,
    /// Declination of the cone's centre. Targets, messages.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search"))]
    pub dec: Option<f64>,
    /// Radius of the cone. Targets, messages.
    #[garde(range(min = 0.0, max = 324000.0))]
    #[schemars(title = "Search radius", extend("x-unit" = "arcsec", "x-group" = "Cone search", "exclusiveMinimum" = 0.0))]
    pub radius: Option<f64>,
    /// Corners of a polygon in degrees, three at least: `10 5, 12 5, 11 7`. Targets, messages.
    #[garde(skip)]
    #[schemars(title = "Polygon", extend("x-group" = "Cone search", "x-alias" = ["polygon_search"]))]
    pub polygon: Option<String>,
    /// Uuid of a message, or its beginning: the message, or what it names. Targets, messages, events.
    #[garde(skip)]
    #[schemars(title = "Message UUID", extend("x-group" = "Messages", "x-alias" = ["referenced_by_uuid"]))]
    pub uuid: Option<String>,
    /// Part of an event's id. Targets, messages, events.
    #[garde(skip)]
    #[schemars(title = "Hermes event ID", extend("x-group" = "Events"))]
    pub event_id: Option<String>,
    /// An event's whole id. Messages, events.
    #[garde(skip)]
    #[schemars(title = "Exact event ID", extend("x-group" = "Events"))]
    pub event_id_exact: Option<String>,
    /// Announced at this time or later; events without an announcement drop out. Events.
    #[garde(skip)]
    #[schemars(title = "Published after", extend("x-group" = "Events", "x-alias" = ["published_after"]))]
    pub created_after: Option<DateTime<Utc>>,
    /// Announced at this time or before; events without an announcement drop out. Events.
    #[garde(skip)]
    #[schemars(title = "Published before", extend("x-group" = "Events", "x-alias" = ["published_before"]))]
    pub created_before: Option<DateTime<Utc>>,
    /// Topics, any of them. Default: all. Archive.
    #[garde(skip)]
    #[schemars(title = "Topics", extend(
        "x-group" = "Archive", "x-alias" = ["topic"],
        "x-hints" = ["hermes.message", "hermes.photometry", "hermes.spectroscopy", "hermes.test", "tomtoolkit.test", "gcn.circulars", "igwn.gwalert"]
    ))]
    pub topics: Vec<String>,
    /// Published at this time or later, to the millisecond. Default: as far back as the archive goes. Archive.
    #[garde(skip)]
    #[schemars(title = "Start", extend("x-group" = "Archive"))]
    pub start: Option<DateTime<Utc>>,
    /// Published at this time or before, to the millisecond. Archive.
    #[garde(skip)]
    #[schemars(title = "End", extend("x-group" = "Archive"))]
    pub end: Option<DateTime<Utc>>,
    /// Words of a message; `&` and `#` cannot be searched for. Archive.
    #[garde(skip)]
    #[schemars(title = "Search text", extend("x-group" = "Archive", "x-alias" = ["search_query"]))]
    pub search_text: Option<String>,
    /// Whether messages come that were taken back. Archive.
    #[garde(skip)]
    #[schemars(title = "Include retracted", extend("x-group" = "Archive"))]
    pub include_retracted: bool,
    /// Whether each message comes with its body, which is one request more for each. Archive.
    #[garde(skip)]
    #[schemars(title = "Whole messages", extend("x-group" = "Archive"))]
    pub whole_messages: bool,
    /// Which end comes first. Targets, messages; the others are as the service gives them.
    #[garde(skip)]
    #[schemars(title = "Order", extend("x-group" = "Listing"))]
    pub order: Order,
    /// Items a request. Default: 100.
    #[garde(range(min = 1, max = 1000))]
    #[schemars(title = "Page size", extend("x-group" = "Listing", "x-alias" = ["limit"]))]
    pub page_size: Option<u32>,
}

impl Default for HermesQuery {
    fn default() -> Self {
        Self {
            search: Search::Targets,
            target_name: None,
            target_name_exact: None,
            ra: None,
            dec: None,
            radius: None,
            polygon: None,
            uuid: None,
            event_id: None,
            event_id_exact: None,
            created_after: None,
            created_before: None,
            topics: Vec::new(),
            start: None,
            end: None,
            search_text: None,
            include_retracted: false,
            whole_messages: true,
            order: Order::Newest,
            page_size: None,
        }
    }
}

impl HermesQuery {
    /// What comes of it.
    #[must_use]
    pub fn kind(&self) -> PacketKind {
        match self.search {
            Search::Targets => PacketKind::Target,
            Search::Messages => PacketKind::Message,
            Search::Events => PacketKind::Event,
            Search::Archive => PacketKind::Archive,
        }
    }

    pub(super) fn page_size(&self) -> u32 {
        self.page_size.unwrap_or(100).max(1)
    }

    /// The corners as Hermes wants them: parted by exactly a comma and a blank.
    pub(super) fn corners(&self) -> Option<String> {
        let corners = sky::parse_polygon(given(&self.polygon)?)?;
        let words: Vec<_> = corners.iter().map(|(ra, dec)| format!("{ra} {dec}")).collect();
        Some(words.join(", "))
    }

    /// Each field that only some searches take, whether it is given, and what takes it.
    fn fields(&self) -> [(&'static str, bool, &'static [Search]); 16] {
        use Search::{Archive, Events, Messages, Targets};
        let text = |text: &Option<String>| given(text).is_some();
        [
            ("target_name", text(&self.target_name), &[Targets, Messages]),
            ("target_name_exact", text(&self.target_name_exact), &[Targets, Messages]),
            ("ra", self.ra.is_some(), &[Targets, Messages]),
            ("dec", self.dec.is_some(), &[Targets, Messages]),
            ("radius", self.radius.is_some(), &[Targets, Messages]),
            ("polygon", text(&self.polygon), &[Targets, Messages]),
            ("uuid", text(&self.uuid), &[Targets, Messages, Events]),
            ("event_id", text(&self.event_id), &[Targets, Messages, Events]),
            ("event_id_exact", text(&self.event_id_exact), &[Messages, Events]),
            ("created_after", self.created_after.is_some(), &[Events]),
            ("created_before", self.created_before.is_some(), &[Events]),
            ("topics", !self.topics.is_empty(), &[Archive]),
            ("start", self.start.is_some(), &[Archive]),
            ("end", self.end.is_some(), &[Archive]),
            ("search_text", text(&self.search_text), &[Archive]),
            ("include_retracted", self.include_retracted, &[Archive]),
        ]
    }
}

/// Hermes puts the search text into a URL as it is, so these characters would end it there.
const PARTING: [char; 2] = ['&', '#'];

/// The fields of the form of TOM Toolkit 3, which searches targets.
const TOM_TARGETS: [&str; 6] = ["target_name", "exact_name", "ra", "dec", "radius", "uuid"];

impl Form for HermesQuery {
    fn prepare(given: &mut Given) {
        // The broker of TOM Toolkit 2 lists events, by fields of which these names are its own.
        let own = ["published_after", "published_before"].iter().any(|key| given.get(key).is_some());
        let alerts = given.tom_query() == Some(TomQuery::Alerts);
        if own || (alerts && TOM_TARGETS.iter().all(|key| given.get(key).is_none())) {
            given.set_default("search", "events");
        }
        // TOM Toolkit's radius is in degrees.
        if given.tom_query().is_some() {
            given.scale("radius", 3600.0);
        }
    }

    fn rules(&self, rules: &mut Rules<'_>) {
        let known = rules.could_read(&["search"]);
        for (field, given, searches) in self.fields().into_iter().filter(|_| known) {
            let words = searches.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
            let text = format!("cannot be asked of {}; set search to {words}", self.search);
            rules.check(&[field], !given || searches.contains(&self.search), text);
        }
        rules.cone(self.ra, self.dec, self.radius);
        let polygon = given(&self.polygon).is_none() || self.corners().is_some();
        let due = "give three corners at least, each ra and dec in degrees, as in 10 5, 12 5, 11 7";
        rules.check(&["polygon"], polygon, due);
        rules.ordered(["created_after", "created_before"], self.created_after, self.created_before);
        rules.ordered(["start", "end"], self.start, self.end);
        let parted = "must not contain & or #: Hermes cannot pass them on to the archive";
        rules.check(
            &["search_text"],
            self.search_text.as_deref().is_none_or(|text| !text.contains(PARTING)),
            parted,
        );
        rules.check(&["topics"], self.topics.iter().all(|topic| is_archived_topic(topic.trim())), TOPIC_DUE);
        let uuid =
            given(&self.uuid).is_none_or(|text| text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'));
        rules.check(&["uuid"], uuid, "has hexadecimal digits and - only");
    }
}
