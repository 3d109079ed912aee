//! What SCIMMA can be asked and told, and where its services are.

use std::path::PathBuf;

use super::hopskotch::{TOPIC_DUE, is_archived_topic, is_topic};
use crate::plugin::*;

/// Where SCIMMA's services are, and who asks.
///
/// The archive and Hopskotch take one credential, which is made at `my.hop.scimma.org`; reading
/// public topics of the archive needs none. The public SKIP server is gone: SKIP is asked only
/// where `skip_url` names an instance of your own, or `base_url` another origin, which it follows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct ScimmaConfig {
    /// Root of the archive of Hopskotch. Default: the public one.
    #[garde(skip)]
    #[schemars(title = "Archive", extend("x-alias" = ["archive_url"]))]
    pub base_url: Option<Url>,
    /// Root of a SKIP server, with its `api/`. There is no public one any more.
    #[garde(skip)]
    #[schemars(title = "SKIP server", extend("x-alias" = ["url"]))]
    pub skip_url: Option<Url>,
    /// Which version of SKIP's interface is asked.
    #[garde(skip)]
    #[schemars(title = "SKIP version")]
    pub skip_version: SkipVersion,
    /// Token of the SKIP server; reading needs none.
    #[garde(skip)]
    #[schemars(title = "SKIP token")]
    pub api_key: Option<Secret>,
    /// Token of Hop Auth for the archive, in place of name and password.
    #[garde(skip)]
    #[schemars(title = "Hop Auth token")]
    pub token: Option<Secret>,
    /// Kafka host of Hopskotch, with or without `kafka://` and port. Default: `kafka.scimma.org`.
    #[garde(skip)]
    #[schemars(title = "Hopskotch host")]
    pub hopskotch_url: Option<String>,
    /// Name of the credential, such as `name-1a2b3c4d`.
    #[garde(skip)]
    #[schemars(title = "Hopskotch user", extend("x-alias" = ["username"]))]
    pub hopskotch_username: Option<String>,
    /// Password of the credential.
    #[garde(skip)]
    #[schemars(title = "Hopskotch password", extend("x-alias" = ["password"]))]
    pub hopskotch_password: Option<Secret>,
    /// Topic that is published to unless a submission names one.
    #[garde(skip)]
    #[schemars(title = "Topic", extend("x-alias" = ["topic"]))]
    pub default_hopskotch_topic: Option<String>,
    /// Whether Kafka is spoken over TLS. Without it only hosts on loopback are spoken to.
    #[garde(skip)]
    #[schemars(title = "TLS to Kafka")]
    pub hopskotch_tls: bool,
    /// File of certificates (PEM) that Kafka hosts are checked by. Default: Mozilla's authorities, built in.
    #[garde(skip)]
    #[schemars(title = "Certificates for Kafka")]
    pub hopskotch_ca_file: Option<PathBuf>,
    /// The most time until a published message is confirmed. Default: 30.
    #[garde(range(min = 1.0, max = 600.0))]
    #[schemars(title = "Time to publish", extend("x-unit" = "s"))]
    pub publish_timeout: f64,
}

impl Default for ScimmaConfig {
    fn default() -> Self {
        Self {
            base_url: None,
            skip_url: None,
            skip_version: SkipVersion::V2,
            api_key: None,
            token: None,
            hopskotch_url: None,
            hopskotch_username: None,
            hopskotch_password: None,
            default_hopskotch_topic: None,
            hopskotch_tls: true,
            hopskotch_ca_file: None,
            publish_timeout: 30.0,
        }
    }
}

impl Form for ScimmaConfig {}

/// A version of SKIP's interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SkipVersion {
    /// The path without a version; speaks as v1.
    V0,
    /// Has `extracted_fields`, such as the probabilities of a gravitational-wave event.
    V1,
    /// Has `raw_message`, the message as it came.
    #[default]
    V2,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The archive of Hopskotch: every message that was published.
    Archive,
    /// A SKIP server: alerts that were taken out of messages, with a search on the sky.
    Skip,
}

/// In which order alerts come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first; new messages come behind.
    Oldest,
}

/// What SCIMMA can be asked: the archive, unless a field is given that only SKIP knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct ScimmaQuery {
    /// Who is asked. Default: the archive, or SKIP where a field is given that only SKIP knows.
    #[garde(skip)]
    #[schemars(title = "Source")]
    pub source: Option<Source>,
    /// Whether SKIP goes before the archive where `skip_url` is set and both can be asked. Saved queries
    /// of TOM Toolkit have it so. Default: no.
    #[garde(skip)]
    #[schemars(title = "SKIP before the archive")]
    pub prefer_skip: bool,
    /// Topics, any of them; the archive's by name, SKIP's by number.
    #[garde(skip)]
    #[schemars(title = "Topic", extend("x-alias" = ["topics"], "x-hints" = [
        "gcn.circulars", "hermes.message", "hermes.photometry", "hermes.test", "igwn.gwalert",
        "sys.heartbeat", "tomtoolkit.test"
    ]))]
    pub topic: Vec<String>,
    /// Words to search for. The archive takes quotes, `or` and `-`; SKIP words with commas between,
    /// any of them.
    #[garde(skip)]
    #[schemars(title = "Keyword search", extend("x-alias" = ["search", "search_query", "search_text"]))]
    pub keyword: Option<String>,
    /// From this time on.
    #[garde(skip)]
    #[schemars(title = "Datetime lower", extend("x-group" = "Time", "x-alias" = ["start", "start_time"]))]
    pub timestamp_after: Option<DateTime<Utc>>,
    /// Until this time; SKIP counts the instant itself in, the archive does not.
    #[garde(skip)]
    #[schemars(title = "Datetime upper", extend("x-group" = "Time", "x-alias" = ["end", "end_time"]))]
    pub timestamp_before: Option<DateTime<Utc>>,
    /// SKIP: right ascension of a cone's centre.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search"))]
    pub ra: Option<f64>,
    /// SKIP: declination of a cone's centre.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search"))]
    pub dec: Option<f64>,
    /// SKIP: radius of a cone.
    #[garde(range(min = 0.0, max = 648_000.0))]
    #[schemars(title = "Radius", extend("x-unit" = "arcsec", "x-group" = "Cone search", "exclusiveMinimum" = 0))]
    pub radius: Option<f64>,
    /// SKIP: a cone as one text: RA, Dec, radius in degrees.
    #[garde(skip)]
    #[schemars(title = "Cone search", extend("x-group" = "Cone search"))]
    pub cone_search: Option<String>,
    /// SKIP: the corners of a polygon, with commas between them, each RA and Dec in degrees with a
    /// blank between.
    #[garde(skip)]
    #[schemars(title = "Polygon search", extend("x-group" = "Polygon search"))]
    pub polygon_search: Option<String>,
    /// SKIP: the trigger number of a gravitational-wave event. It searches the topic of LVC
    /// counterparts only.
    #[garde(skip)]
    #[schemars(title = "LVC Trigger Number")]
    pub event_trigger_number: Option<String>,
    /// Archive: whether messages come too that were withdrawn. Default: yes.
    #[garde(skip)]
    #[schemars(title = "Withdrawn messages", extend("x-alias" = ["include_retracted"]))]
    pub retracted: Option<bool>,
    /// Archive: whether to leave out what the messages say. Positions and names are then unknown.
    #[garde(skip)]
    #[schemars(title = "Metadata only", extend("x-alias" = ["meta"]))]
    pub metadata_only: bool,
    /// In which order alerts come.
    #[garde(skip)]
    #[schemars(title = "Order")]
    pub order: Order,
    /// Alerts per request: the archive gives 64 at most (1024 of metadata), SKIP 100.
    #[garde(range(min = 1, max = 1024))]
    #[schemars(title = "Page size", extend("x-alias" = ["limit"]))]
    pub page_size: Option<u32>,
}

impl ScimmaQuery {
    /// Who is asked.
    #[must_use]
    pub fn source(&self) -> Source {
        let numbers = !self.topic.is_empty() && self.topic.iter().all(|topic| topic.parse::<u32>().is_ok());
        let only_skip = self.ra.is_some()
            || self.dec.is_some()
            || self.radius.is_some()
            || self.cone_search.is_some()
            || self.polygon_search.is_some()
            || self.event_trigger_number.is_some()
            || numbers;
        self.source.unwrap_or(if only_skip { Source::Skip } else { Source::Archive })
    }

    /// Who is asked where a SKIP server is configured, or is not.
    pub(super) fn source_of(&self, skip: bool) -> Source {
        let archive = !self.topic.is_empty() || self.retracted.is_some() || self.metadata_only;
        match self.source() {
            Source::Archive if skip && self.prefer_skip && self.source.is_none() && !archive => Source::Skip,
            source => source,
        }
    }

    pub(super) fn page_size(&self) -> u32 {
        let most = self.most();
        self.page_size.map_or(most, |size| size.min(most))
    }

    fn most(&self) -> u32 {
        match self.source() {
            Source::Skip => 100,
            Source::Archive if self.metadata_only => 1024,
            Source::Archive => 64,
        }
    }

    /// The cone as SKIP takes it.
    pub(super) fn cone(&self) -> Option<String> {
        if let (Some(ra), Some(dec), Some(radius)) = (self.ra, self.dec, self.radius) {
            return Some(format!("{ra},{dec},{}", radius / 3600.0));
        }
        let [ra, dec, radius] = sky::parse_cone(self.cone_search.as_deref()?)?;
        Some(format!("{ra},{dec},{radius}"))
    }

    /// The polygon as SKIP takes it, which fails without the blanks behind the commas.
    pub(super) fn polygon(&self) -> Option<String> {
        let corners = sky::parse_polygon(self.polygon_search.as_deref()?)?;
        let words: Vec<_> = corners.iter().map(|(ra, dec)| format!("{ra} {dec}")).collect();
        Some(words.join(", "))
    }
}

impl Form for ScimmaQuery {
    fn prepare(given: &mut Given) {
        if given.tom_query().is_some() {
            given.set_default("prefer_skip", true);
        }
    }

    fn rules(&self, rules: &mut Rules<'_>) {
        let skip = self.source() == Source::Skip;
        let parts = [self.ra, self.dec, self.radius].iter().flatten().count();
        rules.cone(self.ra, self.dec, self.radius);
        rules.check(
            &["cone_search", "ra"],
            self.cone_search.is_none() || parts == 0,
            "one cone is searched: give the text or the three numbers",
        );
        rules.cone_text("cone_search", self.cone_search.as_deref());
        let polygon = self.polygon_search.is_none() || self.polygon().is_some();
        let due = "at least three corners in degrees are due, such as 10 -5, 12 -5, 11 -3";
        rules.check(&["polygon_search"], polygon, due);
        rules.ordered(["timestamp_after", "timestamp_before"], self.timestamp_after, self.timestamp_before);
        rules.check(
            &["event_trigger_number", "topic"],
            self.event_trigger_number.is_none() || self.topic.is_empty(),
            "Topic filter cannot be used with LVC Trigger Number filter.",
        );
        // Which service is asked, and for what, hangs on all of these.
        let known = rules.could_read(&[
            "source",
            "topic",
            "ra",
            "dec",
            "radius",
            "cone_search",
            "polygon_search",
            "event_trigger_number",
            "metadata_only",
        ]);
        if !known {
            return;
        }
        let most = self.most();
        let page = self.page_size.is_none_or(|size| size <= most);
        rules.check(&["page_size"], page, format!("{most} is the most here"));
        if skip {
            let numbers = self.topic.iter().all(|topic| topic.parse::<u32>().is_ok());
            rules.check(&["topic"], numbers, "SKIP's topics are asked for by number");
            rules.check(
                &["retracted"],
                self.retracted.is_none(),
                "only the archive knows withdrawn messages",
            );
            rules.check(&["metadata_only"], !self.metadata_only, "only the archive has this");
        } else {
            let text = "only SKIP can search for this; leave out source=archive";
            for (field, given) in [
                ("ra", parts > 0),
                ("cone_search", self.cone_search.is_some()),
                ("polygon_search", self.polygon_search.is_some()),
                ("event_trigger_number", self.event_trigger_number.is_some()),
            ] {
                rules.check(&[field], !given, text);
            }
            let names = self.topic.iter().all(|topic| is_archived_topic(topic));
            rules.check(&["topic"], names, TOPIC_DUE);
        }
    }
}

/// What publishing to Hopskotch needs beside target and observation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct ScimmaSubmission {
    /// Topic to publish to. Default: the one of the configuration.
    #[garde(skip)]
    #[schemars(title = "Topic", extend("x-hints" = ["tomtoolkit.test", "hermes.test"]))]
    pub topic: Option<String>,
    /// Whether this is only a test, which readers pass over unless they ask for it.
    #[garde(skip)]
    #[schemars(title = "Test message")]
    pub test: bool,
    /// Id of the message, a UUID. Default: a new one. With the id of an earlier try the archive
    /// knows both for one.
    #[garde(skip)]
    #[schemars(title = "Message id")]
    pub uuid: Option<String>,
}

impl Form for ScimmaSubmission {
    fn rules(&self, rules: &mut Rules<'_>) {
        rules.check(&["topic"], self.topic.as_deref().is_none_or(is_topic), TOPIC_DUE);
        let uuid = self.uuid.as_deref().is_none_or(|text| bson::Uuid::parse_str(text).is_ok());
        rules.check(&["uuid"], uuid, "a UUID is due, such as 1b4e28ba-2fa1-4ed2-883f-0016d3cca427");
    }
}
