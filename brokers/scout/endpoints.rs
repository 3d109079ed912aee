//! Where the services are, the requests to them, and the pages for people.

use super::query::{MPC_ROOT, ROOT, ScoutConfig};
use crate::plugin::*;

const SERVICE: &str = "scout.api";

/// The page for people, and where in it an object is.
const PAGE: &str = "https://cneos.jpl.nasa.gov/scout/#/object/P000000x";
const PLACE: &str = "/object/";

/// The endpoints, and the pages for people.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    scout: Root,
    mpc: Root,
    page: Url,
}

impl Endpoints {
    pub(super) fn new(config: &ScoutConfig) -> Result<Self> {
        let base = config.base_url.clone().map(|mut url| {
            if url.path().trim_end_matches('/').ends_with(SERVICE)
                && let Ok(mut path) = url.path_segments_mut()
            {
                path.pop_if_empty().pop();
            }
            url
        });
        let scout = Root::new("base_url", base.as_ref(), ROOT)?;
        let mpc = Root::beside(&scout, "mpc_url", config.mpc_url.as_ref(), MPC_ROOT)?;
        let page = PAGE.parse();
        let page =
            page.map_err(|e| Error::new(ErrorKind::Config, "a built-in URL cannot be read").because(e))?;
        Ok(Self { scout, mpc, page })
    }

    /// A request for the list.
    pub(super) fn list(&self) -> Request {
        self.scout.get(&[SERVICE])
    }

    /// A request for one object.
    pub(super) fn object(&self, tdes: &str) -> Request {
        self.list().query("tdes", tdes)
    }

    /// A request for the MPC's list of former objects.
    pub(super) fn departures(&self) -> Request {
        self.mpc.get(&["ToConfirm_PrevDes.html"]).accept("text/html")
    }

    /// The page of an object for people: a place within the page, so not a path.
    pub(super) fn page(&self, name: &str) -> Url {
        let mut place = String::with_capacity(PLACE.len() + name.len());
        place.push_str(PLACE);
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
                place.push(char::from(byte));
            } else {
                place.push_str(&format!("%{byte:02X}"));
            }
        }
        // The page of another object has room for this one's name.
        let mut url = self.page.clone();
        url.set_fragment(Some(&place));
        url
    }
}
