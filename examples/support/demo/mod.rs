//! Demonstration services on loopback: recorded answers, asked through the real client.

use serde_json::{Value, json};
use tom_alerts::Config;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

#[cfg(feature = "alerce")]
mod alerce;
#[cfg(feature = "scimma")]
mod scimma;

/// A recorded service: the broker that asks it, what the configuration sets beside the origin, and
/// how it answers.
struct Recorded {
    broker: &'static str,
    /// The path of `base_url` on the service.
    path: &'static str,
    /// Further keys of the broker's table, such as a credential that the service asks for.
    keys: &'static [(&'static str, &'static str)],
    respond: fn(&Request) -> ResponseTemplate,
}

const SERVICES: &[Recorded] = &[
    #[cfg(feature = "alerce")]
    Recorded { broker: "ALeRCE", path: "ztf/v1/", keys: &[], respond: alerce::respond },
    #[cfg(feature = "scimma")]
    Recorded {
        broker: "SCIMMA",
        path: "",
        keys: &[("default_hopskotch_topic", "tomtoolkit.test")],
        respond: scimma::respond,
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
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(service.respond).mount(&server).await;
        running.push((service, server));
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
        let config = self.services.iter().fold(Config::new(), |config, (service, server)| {
            let base = format!("{}/{}", server.uri(), service.path);
            let config = config.set(service.broker, "base_url", base);
            service.keys.iter().fold(config, |config, (key, value)| config.set(service.broker, key, *value))
        });
        #[cfg(all(feature = "kafka", feature = "scimma"))]
        let config = match &self.cluster {
            Some(cluster) => {
                let config = config.set("SCIMMA", "hopskotch_url", cluster.bootstrap_servers());
                config.set("SCIMMA", "hopskotch_tls", false)
            }
            None => config,
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
