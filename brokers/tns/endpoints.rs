//! Where the service is, who asks, and the requests that carry key and marker and keep its limits.

use super::query::TnsConfig;
use crate::plugin::*;

pub(super) const PRODUCTION: &str = "https://www.wis-tns.org/";
pub(super) const SANDBOX: &str = "https://sandbox.wis-tns.org/";

const PRODUCTION_HOSTS: [&str; 2] = ["www.wis-tns.org", "wis-tns.org"];
const SANDBOX_HOST: &str = "sandbox.wis-tns.org";

/// The wait after a refusal that names none.
const UNKNOWN_WAIT: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    root: Root,
    pages: Link,
    /// The pages of the public site that is asked, wherever a copy of it runs.
    sources: Link,
    key: Option<Secret>,
    marker: Option<String>,
}

impl Endpoints {
    pub(super) fn new(config: &TnsConfig) -> Result<Self> {
        let set = config.base_url.clone().map(|mut url| {
            // People give the root of the site or that of its API.
            let path = url.path().trim_end_matches('/').to_owned();
            url.set_path(path.strip_suffix("/api").unwrap_or(&path));
            url
        });
        let root = Root::new("base_url", set.as_ref(), if config.sandbox { SANDBOX } else { PRODUCTION })?;
        let host = root.as_url().host_str().unwrap_or_default();
        if config.sandbox && PRODUCTION_HOSTS.contains(&host) {
            let text = "sandbox is set, but base_url is the production site; leave out one of the two";
            let fault = Problem::new("sandbox, base_url", text);
            return Err(Error::from_problems(ErrorKind::Config, vec![fault]));
        }
        let public = if config.sandbox || host == SANDBOX_HOST { SANDBOX } else { PRODUCTION };
        let pages = Link::like(root.url(&["object", "2026aaaaa"]).as_str())?;
        let sources = Link::like(&format!("{public}object/2026aaaaa"))?;
        Ok(Self { root, pages, sources, key: config.api_key.clone(), marker: config.marker() })
    }

    /// Where an object's data come from, the same from one run to the next.
    pub(super) fn source(&self, objname: &str) -> Url {
        self.sources.of(objname)
    }

    /// The page of an object for people.
    pub(super) fn page(&self, objname: &str) -> Url {
        self.pages.of(objname)
    }

    pub(super) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    pub(super) fn has_marker(&self) -> bool {
        self.marker.is_some()
    }

    /// The key, where a call cannot be made without.
    pub(super) fn key(&self) -> Result<&Secret> {
        self.key.as_ref().ok_or_else(|| {
            let text = "this needs the key of a bot: make one at https://www.wis-tns.org/bots and set it; \
                        without a key only the web search can be asked";
            Error::from_problems(ErrorKind::Config, vec![Problem::new("api_key", text)])
        })
    }

    /// A call of the API that asks: with marker and key, within the limits.
    pub(super) fn call(&self, path: &[&str]) -> Result<Request> {
        let request = self.root.post(&[&["api"], path].concat()).idempotent(true);
        Ok(self.polite(request).secret_form("api_key", self.key()?.expose()))
    }

    /// A call with its JSON in the field `data`.
    pub(super) fn ask(&self, path: &[&str], data: &impl Serialize) -> Result<Request> {
        let fault = |e| Error::new(ErrorKind::Input, "the question cannot be written as JSON").because(e);
        let data = whole_numbers(serde_json::to_value(data).map_err(fault)?);
        Ok(self.call(path)?.form("data", data))
    }

    /// A file of the service, by its path.
    pub(super) fn file(&self, path: &[&str]) -> Result<Request> {
        let request = self.root.post(path).idempotent(true).accept("*/*");
        Ok(self.polite(request).secret_form("api_key", self.key()?.expose()))
    }

    /// A file of the service, by the address that an answer gave. The key goes nowhere else: the
    /// address is taken on the configured site, whichever of its own hosts it names.
    pub(super) fn linked(&self, address: &str) -> Result<Request> {
        let unreadable = |text: &'static str| Error::new(ErrorKind::Unreadable, text).with("file", address);
        let url = self
            .root
            .as_url()
            .join(address.trim())
            .map_err(|_| unreadable("the address of a file is no URL"))?;
        let ours = self.root.as_url();
        let own = url.origin() == ours.origin()
            || url.host_str().is_some_and(|host| PRODUCTION_HOSTS.contains(&host) || host == SANDBOX_HOST);
        if !own {
            return Err(unreadable("a file lies at another host, where the key does not go"));
        }
        let mut there = ours.clone();
        there.set_path(url.path());
        let request = Request::post(there).idempotent(true).accept("*/*");
        Ok(self.polite(request).secret_form("api_key", self.key()?.expose()))
    }

    /// The page that lists objects for people, as CSV; a marker is enough for it.
    pub(super) fn web_search(&self) -> Request {
        self.polite(self.root.get(&["search"]).accept("text/csv"))
    }

    /// An upload or a report: it is not sent twice.
    pub(super) fn submission(&self, path: &[&str]) -> Result<Request> {
        Ok(self.call(path)?.idempotent(false))
    }

    /// An upload of files; the key stands among them.
    pub(super) fn upload(&self, boundary: &str, body: Vec<u8>, key: &str) -> Request {
        let request = self.polite(self.root.post(&["api", "set", "file-upload"]));
        request.secret_body(&format!("multipart/form-data; boundary={boundary}"), body, key)
    }

    fn polite(&self, request: Request) -> Request {
        let request = request.hint(refused_for).quota("tns", all_calls);
        match &self.marker {
            Some(marker) => request.header("user-agent", marker.as_str()),
            None => request,
        }
    }
}

/// The same with `3` for `3.0`: what is counted in days or seconds is written as a whole number.
pub(super) fn whole_numbers(value: Value) -> Value {
    /// Up to here every whole number is exact as a float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => {
            let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= EXACT);
            match float.filter(|_| number.is_f64()) {
                Some(float) => Value::from(float as i64),
                None => Value::Number(number),
            }
        }
        Value::Array(items) => items.into_iter().map(whole_numbers).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, whole_numbers(value))).collect(),
        value => value,
    }
}

/// A cone search falls under a count of its own too.
pub(super) fn cone(request: Request) -> Request {
    request.quota("tns cone", cones)
}

fn all_calls(response: &Response) -> Option<Quota> {
    quota(response, "x-rate-limit-remaining", "x-rate-limit-reset")
}

fn cones(response: &Response) -> Option<Quota> {
    quota(response, "x-cone-rate-limit-remaining", "x-cone-rate-limit-reset")
}

/// The number may be the word `Exceeded`.
fn quota(response: &Response, remaining: &str, reset: &str) -> Option<Quota> {
    let left = response.header(remaining)?.trim();
    let remaining = if spent(left) { 0 } else { left.parse().ok()? };
    Some(Quota { remaining, reset: response.wait_in(reset, Utc::now()).unwrap_or(UNKNOWN_WAIT) })
}

fn spent(left: &str) -> bool {
    left == "0" || left.eq_ignore_ascii_case("exceeded")
}

/// How long to wait after a refusal for too many calls: until the count begins anew, and a second.
pub(super) fn refused_for(response: &Response) -> Option<Duration> {
    if response.status() != 429 {
        return None;
    }
    let names = [
        ("x-rate-limit-remaining", "x-rate-limit-reset"),
        ("x-cone-rate-limit-remaining", "x-cone-rate-limit-reset"),
    ];
    let counts =
        names.iter().filter(|(left, _)| response.header(left).is_some_and(|left| spent(left.trim())));
    let wait = |reset: &str| response.wait_in(reset, Utc::now());
    let resets = counts.filter_map(|(_, reset)| wait(reset)).max();
    let reset = resets.or_else(|| wait("x-rate-limit-reset"));
    match reset {
        Some(reset) => Some(reset.saturating_add(Duration::from_secs(1)).min(response.longest_wait())),
        // The core reads it.
        None if response.header("retry-after").is_some() => None,
        None => Some(UNKNOWN_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_its_wait_or_a_minute_is_waited() {
        let answer = |status, headers: &[(&str, &str)]| {
            let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            refused_for(&Response::new(status, headers, "{}".into())).map(|wait| wait.as_secs())
        };
        let left = "x-rate-limit-remaining";
        let reset = "x-rate-limit-reset";
        assert_eq!(answer(429, &[(left, "Exceeded"), (reset, "37")]), Some(38));
        assert_eq!(answer(429, &[(left, "0"), (reset, "37.5")]), Some(38));
        assert_eq!(
            answer(
                429,
                &[
                    (left, "12"),
                    (reset, "3"),
                    ("x-cone-rate-limit-remaining", "Exceeded"),
                    ("x-cone-rate-limit-reset", "50")
                ]
            ),
            Some(51)
        );
        assert_eq!(answer(429, &[(left, "0"), (reset, "900000")]), Some(901), "milliseconds");
        assert_eq!(answer(429, &[(left, "0"), (reset, "1e300")]), Some(86_400), "a day at most");
        assert_eq!(answer(429, &[]), Some(60));
        assert_eq!(answer(429, &[("retry-after", "5")]), None);
        assert_eq!(answer(200, &[(left, "0"), (reset, "37")]), None);
    }
}
