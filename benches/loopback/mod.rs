//! For benches with a server in a process of its own.

pub(crate) mod process;
pub(crate) mod server;

/// The number of a page in the path of a request.
pub(crate) fn page_number(path: &str) -> usize {
    let page = path.split_once("?page=").or_else(|| path.split_once("&page="));
    page.and_then(|(_, rest)| rest.split('&').next()?.parse().ok()).unwrap_or(1)
}
