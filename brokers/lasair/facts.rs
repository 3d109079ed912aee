//! `Facts`: what is fixed about one of the two services, and what a question finds there.

use crate::plugin::*;

/// An object that a cone or a query found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// Its distance from the centre of the cone, arcsec.
    pub separation: Option<f64>,
}

impl Found {
    pub(super) fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), separation: None }
    }
}

/// What the tables of a query make of the columns of its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) sherlock: bool,
    pub(super) tns: bool,
}

/// What is fixed about one of the two services.
#[derive(Debug)]
pub struct Facts {
    pub(super) info: BrokerInfo,
    /// Root of the public service.
    pub(super) root: &'static str,
    /// A page of a made-up object.
    pub(super) page: &'static str,
    /// The survey that it serves.
    pub(super) survey: Survey,
    /// The broker of the other survey.
    pub(super) other: &'static str,
    /// The key of an id in packets and rows.
    pub(super) id_key: &'static str,
    /// Columns of the table `objects` that a packet is made of.
    pub(super) columns: &'static [&'static str],
    /// The largest batch of ids that a request takes.
    pub(super) batch: usize,
    /// Whether light curves come in batches too.
    pub(super) whole_batches: bool,
    /// Further words for tables of a query.
    pub(super) table_words: &'static [&'static str],
    /// How a list of ids writes one of them in SQL.
    pub(super) quote: &'static str,
}

impl Facts {
    /// The column of the id with its table.
    pub(super) fn id_column(&self) -> String {
        format!("objects.{}", self.id_key)
    }

    /// Where a token comes from and where it goes.
    pub(super) fn where_to_get(&self) -> String {
        format!(
            "get one at {} (register, log in, My Profile) and set it as api_key of [brokers.{}]; \
             ZTF's and LSST's Lasair have separate accounts and tokens",
            self.info.home, self.info.name
        )
    }

    /// An id that can be one of this survey.
    pub(super) fn known(&self, id: &str) -> Result<()> {
        self.fault(id).map_or(Ok(()), |fault| Err(Error::new(ErrorKind::Input, fault)))
    }

    /// Why a text is no id of this survey.
    pub(super) fn fault(&self, id: &str) -> Option<String> {
        self.survey.id_fault(id, &format!("ask the broker {} for it", self.other))
    }
}
