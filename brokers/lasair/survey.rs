//! `LasairSurvey`: what is different between Lasair for ZTF and Lasair for LSST.

use std::fmt;

use super::roots::Roots;
use super::sherlock::{SherlockMatch, TnsEntry};
use crate::plugin::*;

/// Objects in the order of their ids; one that cannot be had is an error in its place.
pub type Batch<P> = Vec<Result<Alert<P>>>;

/// A survey that Lasair serves: [`Ztf`](super::Ztf) or [`Lsst`](super::Lsst). Not to be implemented elsewhere.
pub trait LasairSurvey:
    fmt::Debug + Clone + Copy + Default + PartialEq + JsonSchema + Send + Sync + 'static
{
    /// An object as it is listed or fetched.
    type Packet: Packet;
    #[doc(hidden)]
    const FACTS: &'static Facts;

    /// The first request for a batch of objects.
    #[doc(hidden)]
    fn batch(roots: &Roots, found: &[Found]) -> Request;

    /// What came of it; an object that must be asked for in another way is a bare packet.
    #[doc(hidden)]
    fn read_batch(found: &[Found], response: &Response) -> Result<Batch<Self::Packet>>;

    /// The request for what a batch left bare, where there is such a way.
    #[doc(hidden)]
    fn rest(roots: &Roots, found: &[Found]) -> Option<Request>;

    /// One object.
    #[doc(hidden)]
    fn object(roots: &Roots, id: &str) -> Call<Alert<Self::Packet>>;

    /// Its light curve.
    #[doc(hidden)]
    fn points(roots: &Roots, id: &str) -> Call<ReducedData>;

    /// Links to its cutouts.
    #[doc(hidden)]
    fn cutouts(roots: &Roots, id: &str) -> Call<Vec<Cutout>>;
}

/// What an object of either survey can say.
pub trait Packet: serde::de::DeserializeOwned + Clone + fmt::Debug + Send + Sync + 'static {
    /// A packet with the id alone, to be filled.
    #[doc(hidden)]
    fn bare(found: &Found) -> Self;

    /// Whether there is nothing in it but the id.
    #[doc(hidden)]
    fn is_bare(&self) -> bool;

    /// Takes in a row of a query.
    #[doc(hidden)]
    fn take_row(&mut self, row: &str) -> serde_json::Result<()>;

    /// Where the match and the entry of a row belong.
    #[doc(hidden)]
    fn surroundings(&mut self) -> (&mut Option<Box<SherlockMatch>>, &mut Option<Box<TnsEntry>>);

    /// Puts it into a cone.
    #[doc(hidden)]
    fn place(&mut self, separation: f64);

    /// Its place in a cone, with its id.
    #[doc(hidden)]
    fn found(&self) -> Found;

    /// The object's id.
    #[must_use]
    fn id(&self) -> &str;

    /// The eight generic things, but for the page.
    #[doc(hidden)]
    fn generic(&self) -> GenericAlert;

    /// Whether it is an object of the solar system, so that its position is that of one moment.
    #[doc(hidden)]
    fn is_moving(&self) -> bool;

    /// Whose object it is, when it was observed, what its position is.
    #[doc(hidden)]
    fn provenance(&self, generic: &GenericAlert) -> Provenance;

    /// Adds names and what else is known.
    #[doc(hidden)]
    fn fill(&self, target: Target) -> Target;

    /// The light curve, when the packet holds it.
    #[doc(hidden)]
    fn points(&self, id: &str) -> Option<ReducedData>;

    /// Sherlock's class, when the packet knows; an empty text when it knows that there is none.
    #[doc(hidden)]
    fn sherlock_class(&self) -> Option<&str>;

    /// Links to the cutouts, when the packet holds them.
    #[doc(hidden)]
    fn cutouts(&self) -> Option<Vec<Cutout>>;
}

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
