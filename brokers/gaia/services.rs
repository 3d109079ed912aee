//! What else the service gives: the spectra of an alert, and lists that were saved as files.

use super::packet::GaiaAlert;
use super::wanted::Wanted;
use super::{Gaia, csv_list, names, script};
use crate::plugin::*;

/// A low-resolution spectrum of one transit: counts in the samples of both photometers, without
/// calibration in wavelength or flux.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Spectrum {
    /// When it was taken, JD in TCB as in the light curve.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jd: Option<f64>,
    /// Counts of the blue photometer, from 330 to 680 nm.
    #[serde(deserialize_with = "counts")]
    pub bp: Vec<Option<f64>>,
    /// Counts of the red photometer, from 640 to 1050 nm.
    #[serde(deserialize_with = "counts")]
    pub rp: Vec<Option<f64>>,
}

/// The counts of each sample; what is none is none in its place.
fn counts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Option<f64>>, D::Error> {
    #[derive(Deserialize)]
    struct Count(#[serde(deserialize_with = "wire::number_or_none")] Option<f64>);
    Ok(Vec::<Count>::deserialize(from)?.into_iter().map(|count| count.0).collect())
}

impl Gaia {
    /// The spectra in the page of an alert; one that cannot be read is an error in its place.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for what is no name of Gaia; the call fails with [`ErrorKind::NotFound`]
    /// for an unknown alert, and with [`ErrorKind::Unreadable`] for a page without spectra.
    pub fn spectra(&self, name: &str) -> Result<Call<Rows<Spectrum>>> {
        if !names::is_gaia(name) {
            return Err(names::unknown());
        }
        let request = self.endpoints.spectra(&names::canonical(name));
        Ok(Call::get(request, |response| script::list(&response, "spectra")?.json()))
    }

    /// Every alert of a list as CSV, such as one that was saved as a file.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when it is no list; a row that cannot be read is an error in its
    /// place.
    pub fn read_csv(text: impl Into<Vec<u8>>) -> Result<Vec<Result<Alert<GaiaAlert>>>> {
        Ok(csv_list::search(&Wanted::default(), &Response::new(200, Vec::new(), text.into().into()))?.0)
    }
}
