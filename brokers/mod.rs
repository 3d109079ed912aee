//! The built-in brokers, each behind a Cargo feature of its name. A broker is two lines here.
//!
//! Each broker has a table `[brokers.NAME]` in the [configuration](crate::Config). Its own keys are on its
//! page; beside them every table takes `timeout` (seconds for one request with all its tries), `max_pages`
//! and `max_in_flight`. A key that is a secret is a text, `{ env = "NAME" }` or `{ file = "PATH" }`.
//! `base_url` alone is enough for an instance of your own.
//!
//! [`hopskotch`] is no broker: it reads the messages that Hermes and SCIMMA both bring.

#[cfg(feature = "alerce")]
pub mod alerce;
#[cfg(feature = "antares")]
pub mod antares;
#[cfg(feature = "boom")]
pub mod boom;
#[cfg(feature = "fink")]
pub mod fink;
#[cfg(feature = "gaia")]
pub mod gaia;
#[cfg(feature = "hermes")]
pub mod hermes;
#[cfg(any(feature = "hermes", feature = "scimma"))]
pub mod hopskotch;
#[cfg(feature = "lasair")]
pub mod lasair;
#[cfg(feature = "mars")]
pub mod mars;
#[cfg(feature = "scimma")]
pub mod scimma;
#[cfg(feature = "scout")]
pub mod scout;
#[cfg(feature = "tns")]
pub mod tns;

/// Lists each broker once: its name, its feature, its protocol.
macro_rules! brokers {
    ($($name:literal $feature:literal $protocol:path;)*) => {
        /// Every built-in broker with the feature that brings it, compiled in or not.
        pub const KNOWN: &[(&str, &str)] = &[$(($name, $feature)),*];

        /// The brokers that are compiled in.
        #[must_use]
        pub fn plugins() -> Vec<crate::known::Plugin> {
            vec![$(
                #[cfg(feature = $feature)]
                crate::known::Plugin::of::<$protocol>($feature),
            )*]
        }
    };
}

brokers! {
    "ALeRCE" "alerce" alerce::Alerce;
    "ANTARES" "antares" antares::Antares;
    "Babamul" "boom" boom::Babamul;
    "BOOM" "boom" boom::Boom;
    "Fink" "fink" fink::Fink;
    "Gaia" "gaia" gaia::Gaia;
    "Hermes" "hermes" hermes::Hermes;
    "Lasair" "lasair" lasair::Lasair;
    "Lasair-LSST" "lasair" lasair::LasairLsst;
    "MARS" "mars" mars::Mars;
    "SCIMMA" "scimma" scimma::Scimma;
    "Scout" "scout" scout::Scout;
    "TNS" "tns" tns::Tns;
}
