//! What each recorded service of the examples can be asked, for tests over all of them.

/// Parameters for which the recorded service of a broker lists at least two alerts.
pub(crate) fn example(broker: &str) -> &'static [&'static str] {
    match broker {
        "Fink" => &["class=SN candidate"],
        "Gaia" => &["mag_max=25"],
        _ => &[],
    }
}
