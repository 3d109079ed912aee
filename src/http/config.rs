//! `HttpConfig`: the `[http]` table of a configuration.

use std::fmt;
use std::path::PathBuf;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// How every service is reached. The defaults are polite.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// E-mail address or page of who is asking, for the User-Agent: services like to know.
    #[garde(skip)]
    #[schemars(title = "Contact")]
    pub contact: Option<String>,
    /// The whole User-Agent, in place of the crate's own.
    #[garde(skip)]
    #[schemars(title = "User agent")]
    pub user_agent: Option<String>,
    /// The most seconds to wait for a connection.
    #[garde(range(min = 0.001, max = 3600.0))]
    #[schemars(title = "Connect time-out", extend("x-unit" = "s"))]
    pub connect_timeout: f64,
    /// The most seconds to wait for the next bytes of an answer.
    #[garde(range(min = 0.001, max = 3600.0))]
    #[schemars(title = "Read time-out", extend("x-unit" = "s"))]
    pub read_timeout: f64,
    /// The most seconds for one request with all its tries, redirects and waits; what takes several
    /// requests may take this for each.
    #[garde(range(min = 0.001, max = 86400.0))]
    #[schemars(title = "Call time-out", extend("x-unit" = "s"))]
    pub call_timeout: f64,
    /// The most bytes of an answer, after decompression.
    #[garde(range(min = 1))]
    #[schemars(title = "Largest answer", extend("x-unit" = "byte"))]
    pub max_body: u64,
    /// The most redirects that are followed.
    #[garde(range(max = 20))]
    #[schemars(title = "Redirects")]
    pub max_redirects: u32,
    /// The most tries after the first.
    #[garde(range(max = 100))]
    #[schemars(title = "Retries")]
    pub max_retries: u32,
    /// The most requests at once to one host.
    #[garde(range(min = 1, max = 1000))]
    #[schemars(title = "Requests at once")]
    pub max_in_flight: u32,
    /// A proxy for every request. Where none is set, the environment's proxies hold for all but
    /// plain http to this machine.
    #[garde(skip)]
    #[schemars(title = "Proxy")]
    pub proxy: Option<Url>,
    /// A PEM file of certificates to trust beside the machine's own.
    #[garde(skip)]
    #[schemars(title = "CA file")]
    pub ca_file: Option<PathBuf>,
    /// A directory in which large lists that seldom change are kept between runs. None is kept
    /// where it is not set.
    #[garde(skip)]
    #[schemars(title = "Cache directory")]
    pub cache_dir: Option<PathBuf>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            contact: None,
            user_agent: None,
            connect_timeout: 10.0,
            read_timeout: 60.0,
            call_timeout: 300.0,
            max_body: 256 * 1024 * 1024,
            max_redirects: 5,
            max_retries: 4,
            max_in_flight: 4,
            proxy: None,
            ca_file: None,
            cache_dir: None,
        }
    }
}

impl fmt::Debug for HttpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpConfig")
            .field("user_agent", &self.user_agent())
            .field("connect_timeout", &self.connect_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("call_timeout", &self.call_timeout)
            .field("max_body", &self.max_body)
            .field("max_redirects", &self.max_redirects)
            .field("max_retries", &self.max_retries)
            .field("max_in_flight", &self.max_in_flight)
            // Its address may hold a password.
            .field("proxy", &self.proxy.as_ref().and_then(Url::host_str))
            .field("ca_file", &self.ca_file)
            .field("cache_dir", &self.cache_dir)
            .finish()
    }
}

impl HttpConfig {
    /// The User-Agent that is sent.
    #[must_use]
    pub fn user_agent(&self) -> String {
        let own = concat!("tom-alerts/", env!("CARGO_PKG_VERSION"));
        match (&self.user_agent, &self.contact) {
            (Some(agent), _) => agent.clone(),
            (None, Some(contact)) => format!("{own} (+{contact})"),
            (None, None) => own.to_owned(),
        }
    }
}
