//! `LasairSurvey`: what is different between Lasair for ZTF and Lasair for LSST.

use std::fmt;

use super::endpoints::Endpoints;
use super::facts::{Facts, Found};
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
    fn batch(endpoints: &Endpoints, found: &[Found]) -> Request;

    /// What came of it; an object that must be asked for in another way is a bare packet.
    #[doc(hidden)]
    fn read_batch(found: &[Found], response: &Response) -> Result<Batch<Self::Packet>>;

    /// The request for what a batch left bare, where there is such a way.
    #[doc(hidden)]
    fn rest(endpoints: &Endpoints, found: &[Found]) -> Option<Request>;

    /// One object.
    #[doc(hidden)]
    fn object(endpoints: &Endpoints, id: &str) -> Call<Alert<Self::Packet>>;

    /// Its light curve.
    #[doc(hidden)]
    fn points(endpoints: &Endpoints, id: &str) -> Call<ReducedData>;

    /// Links to its cutouts.
    #[doc(hidden)]
    fn cutouts(endpoints: &Endpoints, id: &str) -> Call<Vec<Cutout>>;
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
