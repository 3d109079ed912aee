//! Demonstration services on loopback: recorded answers, asked through the real client.

use serde_json::{Value, json};
use tom_alerts::Config;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

#[cfg(feature = "alerce")]
mod alerce;
#[cfg(feature = "antares")]
mod antares;
#[cfg(feature = "boom")]
mod boom;
#[cfg(feature = "fink")]
mod fink;
#[cfg(feature = "gaia")]
mod gaia;
#[cfg(feature = "hermes")]
mod hermes;
#[cfg(feature = "lasair")]
mod lasair;
#[cfg(feature = "mars")]
mod mars;
#[cfg(feature = "scimma")]
mod scimma;
#[cfg(feature = "scout")]
mod scout;
#[cfg(feature = "tns")]
mod tns;

/// A recorded service: the broker that asks it, what the configuration sets beside the origin, and
/// how it answers.
pub(crate) struct Recorded {
    pub(crate) broker: &'static str,
    /// The path of `base_url` on the service.
    path: &'static str,
    /// Further keys of the broker's table, such as a credential that the service asks for.
    pub(crate) keys: &'static [(&'static str, &'static str)],
    /// Parameters for which the service lists some alerts, where none is not enough.
    #[allow(dead_code, reason = "the quickstart knows what it asks for")]
    pub(crate) example: &'static [&'static str],
    respond: fn(&Request) -> ResponseTemplate,
}

impl Recorded {
    /// The configuration that sends the broker to its recorded service at an origin.
    pub(crate) fn configure(&self, config: Config, origin: &str) -> Config {
        let config = config.set(self.broker, "base_url", format!("{origin}/{}", self.path));
        self.keys.iter().fold(config, |config, (key, value)| config.set(self.broker, key, *value))
    }
}

/// Starts one recorded service on a free port of loopback.
pub(crate) async fn serve(service: &'static Recorded) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(service.respond).mount(&server).await;
    server
}

pub(crate) const SERVICES: &[Recorded] = &[
    #[cfg(feature = "alerce")]
    Recorded { broker: "ALeRCE", path: "ztf/v1/", keys: &[], example: &[], respond: alerce::respond },
    #[cfg(feature = "antares")]
    Recorded { broker: "ANTARES", path: "v2/", keys: &[], example: &[], respond: antares::respond },
    #[cfg(feature = "boom")]
    Recorded {
        broker: "Babamul",
        path: "",
        keys: &[("api_token", "bbml_demo")],
        example: &["mjd_min=61358", "mjd_max=61359"],
        respond: boom::babamul,
    },
    #[cfg(feature = "boom")]
    Recorded {
        broker: "BOOM",
        path: "",
        keys: &[("username", "demo"), ("password", "demo-password")],
        example: &["mjd_min=61358", "mjd_max=61359"],
        respond: boom::boom,
    },
    // Both of Fink's services have the path api/v1/; LSST's keeps it.
    #[cfg(feature = "fink")]
    Recorded {
        broker: "Fink",
        path: "ztf/api/v1/",
        keys: &[],
        example: &["class=SN candidate"],
        respond: fink::respond,
    },
    #[cfg(feature = "gaia")]
    Recorded { broker: "Gaia", path: "", keys: &[], example: &["mag_max=25"], respond: gaia::respond },
    #[cfg(feature = "hermes")]
    Recorded {
        broker: "Hermes",
        path: "",
        keys: &[("api_key", hermes::TOKEN), ("topic", "hermes.test"), ("submitter", "Demonstration")],
        example: &[],
        respond: hermes::respond,
    },
    #[cfg(feature = "lasair")]
    Recorded {
        broker: "Lasair",
        path: "api/",
        keys: &[("api_key", lasair::TOKEN)],
        example: &["conditions=objects.ncand > 3"],
        respond: lasair::ztf,
    },
    #[cfg(feature = "lasair")]
    Recorded {
        broker: "Lasair-LSST",
        path: "api/",
        keys: &[("api_key", lasair::TOKEN)],
        example: &["conditions=objects.nDiaSources > 3"],
        respond: lasair::lsst,
    },
    #[cfg(feature = "mars")]
    Recorded { broker: "MARS", path: "", keys: &[], example: &[], respond: mars::respond },
    #[cfg(feature = "scimma")]
    Recorded {
        broker: "SCIMMA",
        path: "",
        keys: &[("default_hopskotch_topic", "tomtoolkit.test")],
        example: &[],
        respond: scimma::respond,
    },
    #[cfg(feature = "scout")]
    Recorded { broker: "Scout", path: "", keys: &[], example: &[], respond: scout::respond },
    #[cfg(feature = "tns")]
    Recorded {
        broker: "TNS",
        path: "",
        keys: tns::KEYS,
        example: &["discovery_mag_max=25"],
        respond: tns::respond,
    },
];

/// The running services; they stop when this is dropped.
pub(crate) struct Demo {
    services: Vec<(&'static Recorded, MockServer)>,
    #[cfg(feature = "kafka")]
    cluster: Cluster,
}

/// A Kafka cluster in this process, which keeps messages as long as it lives.
#[cfg(feature = "kafka")]
type Cluster = Option<rdkafka::mocking::MockCluster<'static, rdkafka::producer::DefaultProducerContext>>;

/// Starts every recorded service on a free port of loopback.
pub(crate) async fn start() -> Demo {
    let mut running = Vec::new();
    for service in SERVICES {
        running.push((service, serve(service).await));
    }
    Demo {
        services: running,
        #[cfg(feature = "kafka")]
        cluster: rdkafka::mocking::MockCluster::new(1).ok(),
    }
}

impl Demo {
    /// A configuration that sends each broker to its recorded service.
    pub(crate) fn config(&self) -> Config {
        let services = self.services.iter();
        let config = services
            .fold(Config::new(), |config, (service, server)| service.configure(config, &server.uri()));
        #[cfg(feature = "scimma")]
        let config = {
            // A cluster that asks nobody who he is; without the feature `kafka` there is none.
            let servers = "127.0.0.1:9".to_owned();
            #[cfg(feature = "kafka")]
            let servers = self.cluster.as_ref().map_or(servers, |cluster| cluster.bootstrap_servers());
            config.set("SCIMMA", "hopskotch_tls", false).set("SCIMMA", "hopskotch_url", servers)
        };
        config
    }
}

/// A recorded file, parsed once.
macro_rules! recorded {
    ($name:literal) => {{
        static PARSED: OnceLock<Value> = OnceLock::new();
        PARSED.get_or_init(|| {
            serde_json::from_str(include_str!(concat!("../recorded/", $name))).unwrap_or_default()
        })
    }};
}
use recorded;

fn answer(value: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(value)
}

fn missing() -> ResponseTemplate {
    ResponseTemplate::new(404).set_body_json(json!({"message": "Object not found."}))
}

fn of(table: &Value, id: &str) -> ResponseTemplate {
    table.get(id).map_or_else(missing, answer)
}

/// Every value that a query parameter has.
fn asked(request: &Request, key: &str) -> Vec<String> {
    request.url.query_pairs().filter(|(name, _)| name == key).map(|(_, value)| value.into_owned()).collect()
}

fn number(request: &Request, key: &str) -> Option<f64> {
    asked(request, key).first()?.parse().ok()
}

/// A PNG of one grey pixel.
const PIXEL: [u8; 67] = [
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3A, 0x7E, 0x9B, 0x55, 0x00,
    0x00, 0x00, 0x0A, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81,
    0x77, 0xCD, 0x72, 0xB6, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
];
