//! Where an answer leads, and whether the request may go there.

use url::Url;

use super::{Method, Request, Response};
use crate::error::{Error, ErrorKind, Result};

/// Whether a status leads to another place.
pub(super) fn is_one(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The place that an answer leads to, unless the request takes such a status for an answer.
pub(super) fn place(request: &Request, response: &Response) -> Option<Url> {
    let leads = is_one(response.status()) && !request.accepts(response.status());
    let place = response.header("location").filter(|_| leads)?;
    request.url().join(place).ok()
}

/// The request at the place it was redirected to, if it may go there.
pub(super) fn follow(request: &Request, status: u16, place: Url) -> Result<Request> {
    let refused = |why: &str| {
        let host = place.host_str().unwrap_or("nowhere").to_owned();
        Err(Error::new(ErrorKind::Limit, format!("a redirect was not followed: {why}")).with("to", host))
    };
    if !matches!(place.scheme(), "http" | "https") {
        return refused("it does not lead to http or https");
    }
    if request.url().scheme() == "https" && place.scheme() == "http" {
        return refused("it leads from https to http");
    }
    if request.has_credential() && request.url().origin() != place.origin() {
        return refused("a credential does not go to another origin; set base_url to the new address");
    }
    // 301 to 303 would make a GET of a POST and lose its body.
    if request.method() == Method::Post && status < 307 {
        return refused("it would lose the request's body; the address may lack its final slash");
    }
    Ok(request.clone().moved_to(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn a_redirect_from_https_to_http_is_refused() {
        let place = url("http://a.example/new?token=canary");
        let error = follow(&Request::get(url("https://a.example/")), 302, place).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a redirect was not followed: it leads from https to http [to=a.example]"
        );
        assert!(follow(&Request::get(url("http://a.example/")), 302, url("https://a.example/")).is_ok());
    }

    #[test]
    fn another_scheme_port_or_host_is_another_origin_to_a_credential() {
        let request = || Request::get(url("https://a.example/")).secret_header("x", "", "s");
        assert!(follow(&request(), 302, url("https://a.example:443/new")).is_ok());
        for place in
            ["https://a.example:8443/", "https://b.example/", "https://a.example.org/", "http://a.example/"]
        {
            assert!(follow(&request(), 302, url(place)).is_err(), "{place}");
        }
    }
}
