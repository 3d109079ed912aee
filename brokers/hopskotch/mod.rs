//! Messages of Hopskotch as Hermes and SCIMMA both read them: Hermes' format, and what else is JSON.
//!
//! Hopskotch is the Kafka cluster of SCiMMA. This is no broker: [`Hermes`](super::hermes) and
//! [`SCIMMA`](super::scimma) bring the messages, and both read them by [`Body`], so that one message
//! is the same target and the same points with each.
//!
//! | in a message | here |
//! |---|---|
//! | first target of `data.targets`, else `target_name` at the top, else the one name of all rows | the object; without any the message has none |
//! | `ra`, `dec` in degrees, or sexagesimal (hours and degrees) | its position |
//! | `brightness` in AB or Vega mag, or without a unit (AB) | magnitude; exactly 0 is none |
//! | `brightness` in Jy, mJy, µJy, nJy | flux in that unit, with the AB magnitude or limit that follows from it and its error |
//! | `brightness` in another flux density, such as `erg/s/cm^2/A` or `W/m2/Hz` | flux in erg / s / cm² / Å or mJy |
//! | `brightness` in any other unit | a failure of the row |
//! | `limiting_brightness` | a limit, or the depth of a detection |
//! | `date_obs` | UTC; ISO 8601, JD or MJD |
//! | rows of another target | left out, with a note; rows without a target are of the only one |
//! | numbers as text | numbers; a pixel of a spectrum without flux or wavelength is left out |
//! | a list, a text or a number in place of an object | no message, no table, no row |

mod body;
mod datum;
mod message;
mod points;
mod rows;
mod rules;
mod target;
mod units;
mod words;

pub use body::Body;
pub use message::{HermesData, HermesMessage};
pub use rows::{
    HermesAstrometry, HermesDiscovery, HermesElements, HermesFile, HermesPhotometry, HermesReference,
    HermesSpectrum, HermesTarget,
};
pub use words::{
    AngleUnit, BrightnessUnit, DistanceUnit, FluxType, FluxUnit, PeriodUnit, SpectrumType, TransientType,
    WavelengthUnit,
};

pub(super) use words::{TOPIC_DUE, is_archived_topic, is_topic};
#[cfg(feature = "hermes")]
pub(super) use words::{given, is_uuid, listed, moment};
