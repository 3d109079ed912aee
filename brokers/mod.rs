//! The built-in brokers, each behind a Cargo feature of its name. A broker is two lines here.

#[cfg(feature = "alerce")]
pub mod alerce;
#[cfg(feature = "scimma")]
pub mod scimma;

/// Lists each broker once: its name, its feature, its protocol.
macro_rules! brokers {
    ($($name:literal $feature:literal $protocol:path;)*) => {
        /// Every built-in broker with the feature that brings it, compiled in or not.
        pub const KNOWN: &[(&str, &str)] = &[$(($name, $feature)),*];

        /// The brokers that are compiled in.
        #[must_use]
        pub fn plugins() -> Vec<crate::registry::Plugin> {
            vec![$(
                #[cfg(feature = $feature)]
                crate::registry::Plugin::of::<$protocol>($feature),
            )*]
        }
    };
}

brokers! {
    "ALeRCE" "alerce" alerce::Alerce;
    "SCIMMA" "scimma" scimma::Scimma;
}
