//! Names of bands: one table, keyed by who gives the code.

use std::borrow::Cow;

/// Who gives a band's code; the same code means different bands elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BandSystem {
    /// ZTF's `fid`: 1 g, 2 r, 3 i (ZTF alert schema).
    Ztf,
    /// Rubin's letters u g r i z y.
    Rubin,
    /// ALeRCE's numbers of Rubin's bands: 6 u, 1 g, 2 r, 3 i, 4 z, 5 y (its multisurvey API).
    AlerceRubin,
    /// ANTARES' `ant_passband`: as it stands, but `R` is ZTF's r.
    Antares,
    /// Gaia's G, which is not Sloan's g.
    Gaia,
    /// ATLAS: cyan c, orange o.
    Atlas,
    /// TNS's labels of filters, `g-ZTF`: the letter where it means one band only. Others, such as
    /// `B-GOTO`, stay as they are, for the letter alone is Johnson's or another survey's.
    Tns,
}

/// The band of a code; a code that is not in the table stays as it is.
///
/// ```
/// use tom_alerts::band::{BandSystem, band};
/// assert_eq!(band(BandSystem::Ztf, "2"), "r");
/// assert_eq!(band(BandSystem::Ztf, "7"), "7");
/// ```
#[must_use]
pub fn band(system: BandSystem, code: &str) -> Cow<'static, str> {
    const ZTF: &[(&str, &str)] = &[("1", "g"), ("2", "r"), ("3", "i")];
    const ALERCE: &[(&str, &str)] = &[("6", "u"), ("1", "g"), ("2", "r"), ("3", "i"), ("4", "z"), ("5", "y")];
    const ANTARES: &[(&str, &str)] = &[("R", "r")];
    const ATLAS: &[(&str, &str)] = &[("cyan", "c"), ("orange", "o")];
    #[rustfmt::skip]
    const TNS: &[(&str, &str)] = &[
        ("u-Sloan", "u"), ("g-Sloan", "g"), ("r-Sloan", "r"), ("i-Sloan", "i"), ("z-Sloan", "z"),
        ("g-P1", "g"), ("r-P1", "r"), ("i-P1", "i"), ("z-P1", "z"), ("y-P1", "y"), ("w-P1", "w"),
        ("g-ZTF", "g"), ("r-ZTF", "r"), ("i-ZTF", "i"),
        ("u-LSST", "u"), ("g-LSST", "g"), ("r-LSST", "r"), ("i-LSST", "i"), ("z-LSST", "z"), ("y-LSST", "y"),
        ("cyan-ATLAS", "c"), ("orange-ATLAS", "o"), ("G-Gaia", "G"),
    ];
    let table = match system {
        BandSystem::Ztf => ZTF,
        BandSystem::AlerceRubin => ALERCE,
        BandSystem::Antares => ANTARES,
        BandSystem::Atlas => ATLAS,
        BandSystem::Tns => TNS,
        BandSystem::Rubin | BandSystem::Gaia => &[],
    };
    let code = code.trim();
    match table.iter().find(|(known, _)| *known == code) {
        Some((_, name)) => Cow::Borrowed(name),
        None => Cow::Owned(code.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_code_is_another_band_elsewhere() {
        assert_eq!(band(BandSystem::Antares, "R"), "r");
        assert_eq!(band(BandSystem::Gaia, "G"), "G");
        assert_eq!(band(BandSystem::AlerceRubin, "6"), "u");
        assert_eq!(band(BandSystem::Ztf, "6"), "6");
        assert_eq!(band(BandSystem::Tns, "orange-ATLAS"), "o");
        assert_eq!(band(BandSystem::Tns, "G-GOTO"), "G-GOTO");
    }
}
