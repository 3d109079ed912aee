//! ALeRCE against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod data;
mod failures;
mod form;
mod known;
mod listing;
mod paging;
mod robust;
mod saved;
mod spoiled;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::listing::{list, read_form};
use support::service::{OnLoopback, answer, said};
use tom_alerts::brokers::alerce::{Alerce, AlerceBroker, AlerceConfig, AlerceQuery};
use tom_alerts::{ErrorKind, GenericBroker, Survey};
use url::Url;
use wiremock::ResponseTemplate;

const ZTF: &str = "ZTF24aaaaaab";
const LSST: &str = "169342810955317611";

type Service = support::service::Service<Alerce>;

impl OnLoopback for Alerce {
    const ROOT: &'static str = "ztf/v1";

    fn config(base_url: Option<Url>) -> Self::Config {
        AlerceConfig { base_url, ..AlerceConfig::default() }
    }
}

fn two() -> AlerceQuery {
    AlerceQuery { page_size: Some(2), ..AlerceQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<AlerceQuery> {
    read_form(&pairs)
}
