//! The plots that Scout draws of an object.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::packet::ScoutPacket;
use crate::plugin::*;

/// One plot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drawing {
    /// Scout's key, such as `qr_e_fig`.
    pub key: String,
    /// What it shows, where the key is a known one.
    pub title: Option<&'static str>,
    /// The image, PNG.
    pub png: Vec<u8>,
}

const TITLES: [(&str, &str); 10] = [
    ("qr_e_fig", "perihelion distance and eccentricity"),
    ("qr_in_fig", "perihelion distance and inclination"),
    ("qr_H_fig", "perihelion distance and absolute magnitude"),
    ("H_hist_fig", "histogram of the absolute magnitude"),
    ("moid_hist_fig", "histogram of the MOID"),
    ("ca_dist_cdf_fig", "cumulative distribution of the close-approach distance"),
    ("tca_hist_fig", "histogram of the time of close approach"),
    ("ca_dist_hist_fig", "histogram of the close-approach distance"),
    ("rms_sysran_fig", "RMS by systematic ranging"),
    ("H_sysran_fig", "absolute magnitude by systematic ranging"),
];

/// The plots in an object that was asked for with `plot`, in Scout's order; one that is no base64
/// is an error in its place.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when the alert's text is no object.
pub fn drawings(alert: &Alert<ScoutPacket>) -> Result<Vec<Result<Drawing>>> {
    // Ten long texts would make every packet of a list larger, so they are read from its text.
    let object: Map<String, Value> = serde_json::from_str(alert.raw())
        .map_err(|e| Error::new(ErrorKind::Unreadable, "the alert's text is no object").because(e))?;
    let plots = object.into_iter().filter(|(key, value)| key.ends_with("_fig") && value.is_string());
    Ok(plots
        .map(|(key, value)| {
            let text = value.as_str().unwrap_or_default();
            let png = STANDARD.decode(text.trim()).map_err(|e| {
                Error::new(ErrorKind::Unreadable, "the plot is not base64").with("key", &key).because(e)
            })?;
            let title = TITLES.iter().find(|(known, _)| *known == key).map(|(_, title)| *title);
            Ok(Drawing { key, title, png })
        })
        .collect())
}
