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
    /// Columns that are neither of the three, or may be: they are left out.
    pub other_columns: usize,
}

/// Reads a file of two or more columns, parted by blanks or commas.
///
/// Lines that begin with `#` or `%` are comments, and so is a heading in words. A heading with as many
/// names as the rows have columns says which are wavelength, flux and error. Without one the first two are
/// wavelength and flux, and the third of three is the error; of more than three none is.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when no row is one of a spectrum.
///
/// ```
/// use tom_alerts::brokers::tns::read_spectrum;
/// let spectrum = read_spectrum("# wavelength[A] flux[erg/s/cm2/A]\n5000, 1.1e-16\n5001 nan\n")?;
/// assert_eq!((spectrum.wavelength, spectrum.flux, spectrum.skipped), (vec![5000.0], vec![1.1e-16], 1));
/// assert_eq!(spectrum.flux_unit.as_deref(), Some("erg/s/cm2/A"));
/// let spectrum = read_spectrum("#wave flux sky flux_unc\n5000 2e-16 9e-16 1e-17\n")?;
/// assert_eq!(spectrum.error, [1e-17]);
/// # Ok::<(), tom_alerts::Error>(())
/// ```
pub fn read(text: &str) -> Result<AsciiSpectrum> {
    let mut spectrum = AsciiSpectrum::default();
    let (mut headings, mut known) = (Vec::new(), None);
    for line in text.lines().map(|line| line.trim().trim_start_matches('\u{feff}')) {
        if line.is_empty() {
            continue;
        }
        if line.starts_with(['#', '%']) {
            spectrum.flux_unit = spectrum.flux_unit.or_else(|| unit_of_flux(line));
            headings.push(line);
            continue;
        }
        let cells = cells(line);
        let number = |column: usize| cells.get(column)?.parse::<f64>().ok();
        let columns: Columns = known.unwrap_or_else(|| Columns::of(&headings, cells.len()));
        let (Some(wavelength), Some(flux)) = (number(columns.wavelength), number(columns.flux)) else {
            // A heading in words stands above the first row.
            headings.extend(known.is_none().then_some(line));
            continue;
        };
        known = Some(columns);
        if !(wavelength.is_finite() && wavelength > 0.0 && flux.is_finite()) {
            spectrum.skipped += 1;
            continue;
        }
        spectrum.wavelength.push(wavelength);
        spectrum.flux.push(flux);
        let error = columns.error.and_then(number);
        spectrum.error.extend(error.filter(|error| error.is_finite() && *error >= 0.0));
    }
    if spectrum.wavelength.is_empty() {
        return Err(Error::new(ErrorKind::Unreadable, "the file holds no row of wavelength and flux"));
    }
    if spectrum.error.len() != spectrum.flux.len() {
        spectrum.error.clear();
    }
    spectrum.other_columns = known.map_or(0, |columns| columns.others);
    Ok(spectrum)
}

/// The cells of a row. Between commas a cell may be empty; blanks only part the others.
fn cells(line: &str) -> Vec<&str> {
    let between: Vec<_> = line.trim_end_matches([',', ';']).split([',', ';']).map(str::trim).collect();
    if between.len() > 1 && between.iter().all(|cell| !cell.contains([' ', '\t'])) {
        return between;
    }
    line.split([' ', '\t', ',', ';']).filter(|cell| !cell.is_empty()).collect()
}

/// Where the columns of a spectrum are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    wavelength: usize,
    flux: usize,
    error: Option<usize>,
    others: usize,
}

impl Columns {
    /// The columns of rows of so many cells, by the last heading that names as many and among them
    /// wavelength and flux.
    fn of(headings: &[&str], count: usize) -> Self {
        let named = headings.iter().rev().find_map(|heading| {
            let names = names(heading);
            let place = |is: fn(&str) -> bool| names.iter().position(|name| is(name));
            let (wavelength, flux) = (place(is_wavelength)?, place(is_flux)?);
            (names.len() == count).then(|| (wavelength, flux, place(is_error)))
        });
        // Without names the third of three is the error; of more than three nobody knows.
        let (wavelength, flux, error) = named.unwrap_or((0, 1, (count == 3).then_some(2)));
        Self { wavelength, flux, error, others: count.saturating_sub(2 + error.iter().len()) }
    }
}

/// The names in a heading, in small letters, without units in brackets.
fn names(heading: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut plain = String::with_capacity(heading.len());
    for letter in heading.trim_start_matches(['#', '%']).chars() {
        match letter {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            letter if depth == 0 => plain.extend(letter.to_lowercase()),
            _ => {}
        }
    }
    let words: Vec<_> = match plain.contains([',', ';', '|']) {
        true => plain.split([',', ';', '|']).map(str::trim).collect(),
        false => plain.split_whitespace().collect(),
    };
    words.into_iter().filter(|word| word.contains(char::is_alphanumeric)).map(str::to_owned).collect()
}

fn is_wavelength(name: &str) -> bool {
    ["wav", "lam", "wl", "λ"].iter().any(|start| name.starts_with(start)) && !is_uncertain(name)
}

fn is_flux(name: &str) -> bool {
    let starts = ["flux", "flam", "f_lam", "fnu", "f_nu"];
    starts.iter().any(|start| name.starts_with(start)) && !is_uncertain(name) && !is_of_another(name)
}

fn is_error(name: &str) -> bool {
    let of_wavelength = ["wav", "lam"].iter().any(|word| name.contains(word)) && !name.contains("flam");
    is_uncertain(name) && !is_of_another(name) && !of_wavelength
}

fn is_uncertain(name: &str) -> bool {
    ["err", "unc", "sig", "std", "noise", "dflux"].iter().any(|word| name.contains(word))
}

/// A variance is no error, and the sky is not the object.
fn is_of_another(name: &str) -> bool {
    ["sky", "bkg", "back", "resp", "var", "snr", "s/n"].iter().any(|word| name.contains(word))
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
    fn columns_are_those_that_a_heading_names() {
        let error = |text: &str| super::read(text).unwrap().error;
        let eight = "# COMMENT Fluxes are erg/cm^2/s/Ang\n##  wavelen  flux  sky_flux  flux_unc  xpixel  ypixel \
                     response  flag\n 4000 1e-15 5e-16 1.5e-16 700 100 1.7e14 0\n";
        let read = super::read(eight).unwrap();
        assert_eq!((&read.flux[..], &read.error[..], read.other_columns), (&[1e-15][..], &[1.5e-16][..], 5));
        // The heading says it all, of three columns too.
        assert!(error("wave flux sky\n4000 1 2\n").is_empty());
        assert!(error("# wave[A] flux [erg / s] flux_var\n4000 1 2\n").is_empty());
        assert_eq!(error("# Wavelength (A), Flux, Flux error\n4000, 1, 2\n"), [2.0]);
        assert_eq!(error("# lambda flam sigma dq\n4000 1 2 0\n"), [2.0]);
        assert_eq!(error("wave wave_err flux flux_err\n4000 0.1 1 2\n"), [2.0]);
        let turned = super::read("index flux wavelength\n1 7 4000\n2 8 4001\n").unwrap();
        assert_eq!((&turned.wavelength[..], &turned.flux[..]), (&[4000.0, 4001.0][..], &[7.0, 8.0][..]));
        // Without names the third of three is the error, and of more than three none is.
        assert_eq!(error("4000 1 2\n"), [2.0]);
        assert!(error("4000 1 2 3\n4001 1 2 3\n").is_empty());
        assert!(error("# wave flux\n4000 1 2 3\n").is_empty());
        // An empty cell is a cell.
        assert!(error("4000,1,,3\n").is_empty());
        assert_eq!(error("# wave,flux,sky,err\n4000,1,,3\n"), [3.0]);
    }

    #[test]
    fn errors_of_some_rows_only_are_none() {
        let read = read("wave flux err\n1 2 0.1\n2 3\n").unwrap();
        assert_eq!((read.flux.len(), read.error.len(), read.skipped), (2, 0, 0));
        assert!(super::read("<html>no</html>\n# 1 2\n").is_err());
    }
}
