//! Where SCIMMA's services are, made of the configuration once.

use super::hop::HopMessage;
use super::hopskotch::{TOPIC_DUE, is_topic};
use super::query::{ScimmaConfig, SkipVersion};
use super::scram::Credential;
use crate::plugin::*;

const ARCHIVE: &str = "https://archive-api.hop.scimma.org/";
/// Where SKIP was; nothing answers there any more.
const SKIP: &str = "http://skip.dev.hop.scimma.org/api/";
const HOPSKOTCH: &str = "kafka.scimma.org";

/// The services.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    archive: Root,
    skip: Option<Root>,
    skip_token: Option<Secret>,
    token: Option<Secret>,
    credential: Option<Credential>,
    cluster: Cluster,
    topic: Option<String>,
}

impl Endpoints {
    pub(super) fn new(config: &ScimmaConfig) -> Result<Self> {
        let mut problems = Vec::new();
        let archive = keep(Root::new("base_url", config.base_url.as_ref(), ARCHIVE), &mut problems);
        let skip = archive.as_ref().and_then(|archive| {
            keep(Root::beside(archive, "skip_url", config.skip_url.as_ref(), SKIP), &mut problems)
        });
        let skip = skip.filter(|root| root.as_url().host_str() != Some("skip.dev.hop.scimma.org"));
        let credential = match (&config.hopskotch_username, &config.hopskotch_password) {
            (Some(name), Some(password)) => keep(Credential::new(name, password), &mut problems),
            (None, None) => None,
            (name, _) => {
                let lacking = if name.is_some() { "hopskotch_password" } else { "hopskotch_username" };
                problems.push(Problem::new(lacking, "is missing; name and password belong together"));
                None
            }
        };
        let cluster = keep(cluster(config, credential.as_ref()), &mut problems);
        if config.default_hopskotch_topic.as_deref().is_some_and(|topic| !is_topic(topic)) {
            problems.push(Problem::new("default_hopskotch_topic", TOPIC_DUE));
        }
        if !(1.0..=600.0).contains(&config.publish_timeout) {
            problems.push(Problem::new("publish_timeout", "1 to 600 seconds are due"));
        }
        match (archive, cluster) {
            (Some(archive), Some(cluster)) if problems.is_empty() => Ok(Self {
                archive,
                skip,
                skip_token: config.api_key.clone(),
                token: config.token.clone(),
                credential,
                cluster,
                topic: config.default_hopskotch_topic.clone(),
            }),
            _ => Err(Error::from_problems(ErrorKind::Config, problems)),
        }
    }

    /// A request to the archive.
    pub(super) fn archive(&self, path: &[&str]) -> Request {
        self.for_archive(self.archive.get(path))
    }

    /// A request to the archive that brings something.
    pub(super) fn to_archive(&self, path: &[&str]) -> Request {
        self.for_archive(self.archive.post(path))
    }

    fn for_archive(&self, request: Request) -> Request {
        let request = request.accept("application/bson, */*");
        match &self.token {
            Some(token) => request.secret_header("authorization", "Token ", token.expose()),
            None => request,
        }
    }

    /// Where a message is in the archive.
    pub(super) fn message(&self, uuid: &str) -> Url {
        self.archive.url(&["msg", uuid])
    }

    /// The credential by which a request gets its answer.
    pub(super) fn credential_for(&self, request: &Request) -> Option<&Credential> {
        let (url, root) = (request.url(), self.archive.as_url());
        let known = self.credential.as_ref().filter(|_| self.token.is_none())?;
        // Paths of SKIP may lie under the archive's root when one server stands for both.
        let skip = self.skip.as_ref().is_some_and(|skip| under(url, skip.as_url()));
        (under(url, root) && !skip).then_some(known)
    }

    /// A request to the SKIP server; an empty last step is a final slash.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when none is configured.
    pub(super) fn skip(&self, version: SkipVersion, path: &[&str]) -> Result<Request> {
        let url = self.skip_url(version, path).ok_or_else(no_skip)?;
        let request = Request::get(url);
        Ok(match self.skip_token.as_ref().map(Secret::expose).filter(|token| !token.is_empty()) {
            Some(token) => request.secret_header("authorization", "Token ", token),
            None => request,
        })
    }

    /// Where something is on the SKIP server.
    pub(super) fn skip_url(&self, version: SkipVersion, path: &[&str]) -> Option<Url> {
        let root = self.skip.as_ref()?;
        let version: &[&str] = match version {
            SkipVersion::V0 => &[],
            SkipVersion::V1 => &["v1"],
            SkipVersion::V2 => &["v2"],
        };
        Some(root.url(&[version, path].concat()))
    }

    /// Whether there is a SKIP server to ask.
    pub(super) fn has_skip(&self) -> bool {
        self.skip.is_some()
    }

    /// The topic to publish to unless another is named.
    pub(super) fn topic(&self) -> Option<&str> {
        self.topic.as_deref()
    }

    /// The name under which messages are published.
    pub(super) fn sender(&self) -> Option<&str> {
        self.credential.as_ref().map(Credential::username)
    }

    /// A message for Hopskotch, with its id.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a credential, which only a cluster on loopback does not ask for.
    pub(super) fn hopskotch(&self, topic: &str, message: &HopMessage) -> Result<(String, Message)> {
        if self.credential.is_none() && !is_loopback(&self.cluster.servers) {
            let text = "hopskotch_username and hopskotch_password are needed to publish; \
                        make a credential at https://my.hop.scimma.org";
            return Err(Error::new(ErrorKind::Config, text));
        }
        let (uuid, headers) = message.packed(self.sender())?;
        let packed = Message::new(self.cluster.clone(), topic, message.value.clone());
        Ok((uuid, headers.into_iter().fold(packed, |packed, (name, value)| packed.header(name, value))))
    }
}

fn keep<T>(made: Result<T>, problems: &mut Vec<Problem>) -> Option<T> {
    made.map_err(|error| problems.extend_from_slice(error.problems())).ok()
}

/// The error of asking SKIP when there is none.
pub(super) fn no_skip() -> Error {
    let text = "the public SKIP server was switched off; set skip_url to a SKIP server of your own, or \
                ask the archive (source=archive)";
    Error::new(ErrorKind::Config, text)
}

fn under(url: &Url, root: &Url) -> bool {
    url.origin() == root.origin() && url.path().starts_with(root.path())
}

fn cluster(config: &ScimmaConfig, credential: Option<&Credential>) -> Result<Cluster> {
    let fault =
        |text: &str| Err(Error::from_problems(ErrorKind::Config, vec![Problem::new("hopskotch_url", text)]));
    let given = config.hopskotch_url.as_deref().map_or(HOPSKOTCH, str::trim);
    let rest = given.strip_prefix("kafka://").unwrap_or(given).trim_end_matches('/');
    if rest.contains('@') {
        return fault("no credential belongs into a URL; set hopskotch_username and hopskotch_password");
    }
    // Only a URL's own reader knows what a host is; https gives no port of its own away here.
    let Ok(url) = Url::parse(&format!("kafka://{rest}")) else {
        return fault("a host is due, such as kafka.scimma.org or kafka.scimma.org:9092");
    };
    let (Some(host), "" | "/", None, None) = (url.host_str(), url.path(), url.query(), url.fragment()) else {
        return fault("a host is due and no more; the topic has a key of its own");
    };
    let servers = format!("{host}:{}", url.port().unwrap_or(9092));
    if !config.hopskotch_tls && !is_loopback(&servers) {
        let text = "only a host on loopback is spoken to without TLS";
        return Err(Error::from_problems(ErrorKind::Config, vec![Problem::new("hopskotch_tls", text)]));
    }
    let login = credential.map(|known| Login::new(known.username(), known.password().clone()));
    Ok(Cluster::new(servers)
        .tls(config.hopskotch_tls)
        .ca_file(config.hopskotch_ca_file.clone())
        .login(login)
        .timeout(Duration::try_from_secs_f64(config.publish_timeout).unwrap_or(Duration::from_secs(30))))
}

fn is_loopback(servers: &str) -> bool {
    let host = servers.rsplit_once(':').map_or(servers, |(host, _)| host).trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
