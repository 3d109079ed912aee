//! ASCII spectra, which have no fixed format: a tolerant reader, and a plain writer for reports.

use std::fmt::Write as _;

use crate::plugin::*;

/// A spectrum as its file has it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct AsciiSpectrum {
    /// Wavelengths, Å.
    pub wavelength: Vec<f64>,
    /// Fluxes.
    pub flux: Vec<f64>,
    /// Errors of the fluxes; empty unless every row has one.
    pub error: Vec<f64>,
    /// Unit of the fluxes, where a comment names it in brackets.
    pub flux_unit: Option<String>,
    /// Rows of numbers of which one is missing or NaN; they are left out.
    pub skipped: usize,
}

/// Reads a file of two or more columns, parted by blanks or commas: wavelength, flux, error.
///
/// Lines that begin with `#` or `%` are comments, and so is a heading in words.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when no row is one of a spectrum.
///
/// ```
/// use tom_alerts::brokers::tns::read_spectrum;
/// let spectrum = read_spectrum("# wavelength[A] flux[erg/s/cm2/A]\n5000, 1.1e-16\n5001 nan\n")?;
/// assert_eq!((spectrum.wavelength, spectrum.flux, spectrum.skipped), (vec![5000.0], vec![1.1e-16], 1));
/// assert_eq!(spectrum.flux_unit.as_deref(), Some("erg/s/cm2/A"));
/// # Ok::<(), tom_alerts::Error>(())
/// ```
pub fn read(text: &str) -> Result<AsciiSpectrum> {
    let mut spectrum = AsciiSpectrum::default();
    for line in text.lines().map(|line| line.trim().trim_start_matches('\u{feff}')) {
        if line.is_empty() {
            continue;
        }
        if line.starts_with(['#', '%']) {
            spectrum.flux_unit = spectrum.flux_unit.or_else(|| unit_of_flux(line));
            continue;
        }
        let mut cells =
            line.split([' ', '\t', ',', ';']).filter(|cell| !cell.is_empty()).map(str::parse::<f64>);
        let (Some(Ok(wavelength)), Some(Ok(flux))) = (cells.next(), cells.next()) else {
            continue;
        };
        if !(wavelength.is_finite() && wavelength > 0.0 && flux.is_finite()) {
            spectrum.skipped += 1;
            continue;
        }
        spectrum.wavelength.push(wavelength);
        spectrum.flux.push(flux);
        if let Some(Ok(error)) = cells.next()
            && error.is_finite()
            && error >= 0.0
        {
            spectrum.error.push(error);
        }
    }
    if spectrum.wavelength.is_empty() {
        return Err(Error::new(ErrorKind::Unreadable, "the file holds no row of wavelength and flux"));
    }
    if spectrum.error.len() != spectrum.flux.len() {
        spectrum.error.clear();
    }
    Ok(spectrum)
}

fn unit_of_flux(comment: &str) -> Option<String> {
    let lower = comment.to_ascii_lowercase();
    let rest = comment.get(lower.find("flux")? + 4..)?.trim_start();
    let unit = rest.strip_prefix(['[', '('])?.split([']', ')']).next()?.trim();
    (!unit.is_empty() && unit.len() <= 40).then(|| unit.to_owned())
}

/// The file of a spectrum for an upload.
pub(super) fn write(spectrum: &Spectroscopy) -> String {
    let unit = |unit: &Option<Text>| unit.as_deref().map_or_else(String::new, |unit| format!("[{unit}]"));
    let errors = spectrum.error.len() == spectrum.flux.len() && !spectrum.error.is_empty();
    let mut text =
        format!("# wavelength{} flux{}", unit(&spectrum.wavelength_unit), unit(&spectrum.flux_unit));
    text.push_str(if errors { " error\n" } else { "\n" });
    for (at, (wavelength, flux)) in spectrum.wavelength.iter().zip(&spectrum.flux).enumerate() {
        // Writing to a text does not fail.
        let _ = match spectrum.error.get(at).filter(|_| errors) {
            Some(error) => writeln!(text, "{wavelength} {flux:e} {error:e}"),
            None => writeln!(text, "{wavelength} {flux:e}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let spectrum = Spectroscopy {
            wavelength: vec![3500.0, 3502.5],
            wavelength_unit: Some("Angstrom".into()),
            flux: vec![1.25e-16, -3e-18],
            error: vec![2e-17, 2.1e-17],
            flux_unit: Some("erg/s/cm2/A".into()),
            ..Spectroscopy::default()
        };
        let read = read(&write(&spectrum)).unwrap();
        assert_eq!(
            (&read.wavelength, &read.flux, &read.error),
            (&spectrum.wavelength, &spectrum.flux, &spectrum.error)
        );
        assert_eq!(read.flux_unit.as_deref(), Some("erg/s/cm2/A"));
    }

    #[test]
    fn errors_of_some_rows_only_are_none() {
        let read = read("wave flux err\n1 2 0.1\n2 3\n").unwrap();
        assert_eq!((read.flux.len(), read.error.len(), read.skipped), (2, 0, 0));
        assert!(super::read("<html>no</html>\n# 1 2\n").is_err());
    }
}
