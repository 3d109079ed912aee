//! What goes wrong at a service, drawn from a seed before anything runs.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tom_alerts::http::{Request, Response};
use tom_alerts::{Error, ErrorKind, Result};

use crate::services::{PAGE, Service};

/// Numbers that look thrown and are the same every time (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(crate) fn throw(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}

/// What a fault does to an alert for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Harm {
    None,
    /// The item cannot be read.
    Unreadable,
    /// It has no position.
    NoTarget,
    /// The store does not take it.
    Refused,
}

type Answer = fn(&str) -> Result<Response>;

/// Faults of a page that another try, or another run, passes.
const PAGE_FAULTS: [(&str, bool, Answer); 15] = [
    ("refused connection", true, |_| Err(lost(ErrorKind::Network, "connecting"))),
    ("lost connection", true, |_| Err(lost(ErrorKind::Network, "reading"))),
    ("time-out", true, |_| Err(lost(ErrorKind::Timeout, "reading"))),
    ("500", true, |_| status(500, "text/html", "<html><title>oops</title></html>")),
    ("502", true, |_| status(502, "text/html", "<html><title>Bad gateway</title></html>")),
    ("503", true, |_| status(503, "application/json", "{}")),
    ("429", true, |_| status(429, "application/json", "{}")),
    ("429 with seconds", true, |_| {
        let headers = vec![("retry-after".to_owned(), "7".to_owned())];
        Ok(Response::new(429, headers, "{}".into()))
    }),
    ("HTML for JSON", false, |_| status(200, "text/html", "<html><title>Maintenance</title></html>")),
    ("cut off", false, |page| status(200, "application/json", &page[..page.len() / 2])),
    ("empty body", false, |_| status(200, "application/json", "")),
    ("other JSON", false, |_| status(200, "application/json", r#"{"detail": "sorry"}"#)),
    ("400", false, |_| status(400, "application/json", r#"{"detail": "no"}"#)),
    ("403", false, |_| status(403, "text/html", "<html><title>Denied</title></html>")),
    ("rubbish", false, |page| status(200, "application/json", &page.replace(':', ";"))),
];

fn lost(kind: ErrorKind, stage: &'static str) -> Error {
    Error::new(kind, "made up").retryable(true).with("stage", stage)
}

fn status(status: u16, kind: &str, body: &str) -> Result<Response> {
    let headers = vec![("content-type".to_owned(), kind.to_owned())];
    Ok(Response::new(status, headers, body.to_owned().into()))
}

const ITEM_FAULTS: [&str; 6] = [
    "list for an alert",
    "text for an alert",
    "id that is none",
    "no position",
    "refused by the store",
    "NaN token",
];

/// The faults of one service.
pub(crate) struct Plan {
    /// By page, those that are still to come, last one first.
    pages: Mutex<BTreeMap<usize, Vec<usize>>>,
    items: BTreeMap<usize, usize>,
    names: Vec<&'static str>,
    refused: Vec<String>,
    alerts: usize,
}

impl Plan {
    /// One fault for each page of the service, less one in a hundred: those are the store's.
    pub(crate) fn new(service: &Service, dice: &mut Dice) -> Self {
        let count = service.pages - service.pages / 100;
        let (mut pages, mut items) = (BTreeMap::<usize, Vec<usize>>::new(), BTreeMap::new());
        let mut names = Vec::new();
        while names.len() < count * 6 / 10 {
            let at = pages.entry(dice.throw(service.pages)).or_default();
            // As many as the tries that a call has may all fail.
            if at.len() < 4 {
                let fault = dice.throw(PAGE_FAULTS.len());
                at.push(fault);
                names.push(PAGE_FAULTS[fault].0);
            }
        }
        while names.len() < count {
            let fault = dice.throw(ITEM_FAULTS.len());
            if items.insert(dice.throw(service.pages * PAGE), fault).is_none() {
                names.push(ITEM_FAULTS[fault]);
            }
        }
        let refused = items.iter().filter(|(_, fault)| **fault == 4).map(|(number, _)| service.name(*number));
        let refused = refused.collect();
        Self { pages: Mutex::new(pages), items, names, refused, alerts: service.pages * PAGE }
    }

    pub(crate) fn answer(&self, service: &Service, request: &Request) -> Result<Response> {
        let page = (service.page)(request);
        if page >= service.pages {
            // As each of the two whose listings end so answers behind the last page.
            return match service.broker {
                "MARS" => status(404, "text/html", "<title>404 Not Found</title>"),
                _ => status(200, "application/json", &service.around(page, "")),
            };
        }
        let numbers = page * PAGE..(page + 1) * PAGE;
        let items: Vec<_> = numbers.map(|number| self.item(service, number)).collect();
        let text = service.around(page, &items.join(", "));
        let fault = self.pages.lock().unwrap().get_mut(&page).and_then(Vec::pop);
        match fault {
            Some(fault) => PAGE_FAULTS[fault].2(&text),
            None => status(200, "application/json", &text),
        }
    }

    fn item(&self, service: &Service, number: usize) -> String {
        let name = service.name(number);
        match self.items.get(&number) {
            Some(0) => format!(r#"["{name}"]"#),
            Some(1) => format!(r#""{name}""#),
            Some(2) => service.without_id(number),
            Some(3) => service.without_position(number),
            Some(5) => service.not_a_number(number),
            _ => service.item(number),
        }
    }

    /// What becomes of each alert.
    pub(crate) fn harms(&self) -> impl Iterator<Item = (usize, Harm)> {
        (0..self.alerts).map(|number| {
            let harm = match self.items.get(&number) {
                Some(0..=2) => Harm::Unreadable,
                Some(3) => Harm::NoTarget,
                Some(4) => Harm::Refused,
                _ => Harm::None,
            };
            (number, harm)
        })
    }

    pub(crate) fn faults(&self) -> &[&'static str] {
        &self.names
    }

    pub(crate) fn refused(&self) -> Vec<String> {
        self.refused.clone()
    }

    /// How many faults of pages end a run when the tries of a call are used up.
    pub(crate) fn is_used_up(&self) -> bool {
        self.pages.lock().unwrap().values().all(Vec::is_empty)
    }
}
