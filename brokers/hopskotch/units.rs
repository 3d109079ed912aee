//! Units of flux densities and wavelengths, read in any of the spellings that people write.

use std::borrow::Cow;

use crate::plugin::flux::Unit;

/// The unit of fluxes by wavelength as the points of this crate name it, with U+00C5; Hermes' own
/// word has U+212B.
pub(super) const PER_ANGSTROM: &str = "erg / s / cm² / Å";

/// What a unit is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Flux density by frequency, W/m²/Hz.
    FluxByFrequency,
    /// Flux density by wavelength, W/m³.
    FluxByWavelength,
    /// Metres.
    Length,
    /// Hertz.
    Frequency,
}

/// The size of a unit: a factor and a power of ten, which stay apart so that powers of ten are exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    factor: f64,
    tens: i32,
}

impl Size {
    /// A power of ten.
    pub(super) const fn tens(tens: i32) -> Self {
        Self { factor: 1.0, tens }
    }

    /// How many of another unit one of this is.
    pub(super) fn over(self, other: Self) -> Self {
        Self { factor: self.factor / other.factor, tens: self.tens - other.tens }
    }

    /// So many of this unit as a number.
    pub(super) fn times(self, value: f64) -> f64 {
        // Positive powers of ten are exact up to 10^22; a division by one rounds once.
        let value = value * self.factor;
        let power = 10_f64.powi(self.tens.abs());
        if self.tens < 0 { value / power } else { value * power }
    }

    fn is_one(self) -> bool {
        self.tens == 0 && (self.factor - 1.0).abs() < 1e-12
    }
}

/// Hermes' units of flux and wavelength with their sizes.
const HERMES: [(&str, Quantity, Size); 8] = [
    ("mJy", Quantity::FluxByFrequency, MILLIJANSKY),
    ("erg / s / cm² / \u{212b}", Quantity::FluxByWavelength, ERG_ANGSTROM),
    ("nm", Quantity::Length, Size::tens(-9)),
    ("\u{212b}", Quantity::Length, Size::tens(-10)),
    ("µm", Quantity::Length, Size::tens(-6)),
    ("Hz", Quantity::Frequency, Size::tens(0)),
    ("GHz", Quantity::Frequency, Size::tens(9)),
    ("THz", Quantity::Frequency, Size::tens(12)),
];

const MILLIJANSKY: Size = Size::tens(-29);
const ERG_ANGSTROM: Size = Size::tens(7);

/// Hermes' spelling of one of its units; any other text as it is.
pub(super) fn canonical(word: &str) -> Cow<'_, str> {
    // A unit of Hermes in its own spelling, and a word that is no unit, cost no reading.
    if word.len() > 60 || HERMES.iter().any(|(own, ..)| *own == word) {
        return Cow::Borrowed(word);
    }
    let found = parse(word).and_then(|(quantity, size)| {
        HERMES.iter().find(|(_, sort, own)| *sort == quantity && size.over(*own).is_one())
    });
    found.map_or(Cow::Borrowed(word), |(own, ..)| Cow::Borrowed(own))
}

/// The same unit with the letter that this crate uses for the ångström.
pub(super) fn spelt_here(word: &str) -> String {
    word.replace('\u{212b}', "Å")
}

/// What a brightness in a unit is read as: the unit, and how many of it one of the unit as written is.
///
/// Magnitudes of AB and Vega, and of no named system, are magnitudes. Jy, mJy, µJy and nJy stay what
/// they are; other flux densities become mJy or erg / s / cm² / Å. `None` for anything else.
pub(super) fn brightness(word: &str) -> Option<(Unit<'static>, Size)> {
    let word = word.trim();
    let one = Size::tens(0);
    if let Some(system) = magnitude(word) {
        return Some((Unit::Magnitude(system), one));
    }
    match canonical(word).as_ref() {
        "Jy" => Some((Unit::flux("Jy"), one)),
        "uJy" | "µJy" | "\u{3bc}Jy" => Some((Unit::flux("µJy"), one)),
        "nJy" => Some((Unit::flux("nJy"), one)),
        word => match parse(word)? {
            (Quantity::FluxByFrequency, size) => Some((Unit::flux("mJy"), size.over(MILLIJANSKY))),
            (Quantity::FluxByWavelength, size) => Some((Unit::flux(PER_ANGSTROM), size.over(ERG_ANGSTROM))),
            _ => None,
        },
    }
}

/// The system of a unit of magnitudes, `None` within where it names none; `None` for other units.
fn magnitude(word: &str) -> Option<Option<&'static str>> {
    let letters: String =
        word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let bare = ["magnitudes", "magnitude", "mags", "mag"]
        .iter()
        .find_map(|mag| letters.strip_prefix(mag).or_else(|| letters.strip_suffix(mag)).map(str::to_owned));
    let named = ["AB", "ABflux", "Vega"].contains(&word).then_some(letters.as_str());
    match bare.as_deref().or(named) {
        Some("") => Some(None),
        Some("ab" | "abflux") => Some(Some("AB")),
        Some("vega") => Some(Some("Vega")),
        _ => None,
    }
}

/// A flux density as Hermes takes it: its word, and how many of that one of the unit is.
pub(super) fn flux(word: &str) -> Option<(&'static str, Size)> {
    let (quantity, size) = parse(word.trim())?;
    let (own, own_size) = match quantity {
        Quantity::FluxByFrequency => (HERMES[0].0, MILLIJANSKY),
        Quantity::FluxByWavelength => (HERMES[1].0, ERG_ANGSTROM),
        Quantity::Length | Quantity::Frequency => return None,
    };
    Some((own, size.over(own_size)))
}

/// A wavelength or frequency as Hermes takes it: in the same unit where Hermes has it, else in nm or Hz.
pub(super) fn wavelength(word: &str) -> Option<(&'static str, Size)> {
    let (quantity, size) = parse(word.trim())?;
    let same = HERMES.iter().find(|(_, sort, own)| *sort == quantity && size.over(*own).is_one());
    let fallback = match quantity {
        Quantity::Length => HERMES[2],
        Quantity::Frequency => HERMES[5],
        Quantity::FluxByFrequency | Quantity::FluxByWavelength => return None,
    };
    let (own, _, own_size) = *same.unwrap_or(&fallback);
    Some((own, size.over(own_size)))
}

/// Mass, length and time of a unit, and its size in kg, m, s.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Dimension {
    powers: [i32; 3],
    size: Size,
}

impl Dimension {
    const ONE: Self = Self { powers: [0; 3], size: Size::tens(0) };

    fn times(self, other: Self) -> Self {
        let mut powers = self.powers;
        powers.iter_mut().zip(other.powers).for_each(|(own, other)| *own = own.saturating_add(other));
        let tens = self.size.tens.saturating_add(other.size.tens);
        Self { powers, size: Size { factor: self.size.factor * other.size.factor, tens } }
    }

    fn power(self, by: i32) -> Self {
        let size = Size { factor: self.size.factor.powi(by), tens: self.size.tens.saturating_mul(by) };
        Self { powers: self.powers.map(|power| power.saturating_mul(by)), size }
    }
}

/// What a unit such as `erg s-1 cm-2 A-1`, `10^-17 erg/(s cm**2 Angstrom)` or `Jy` is.
fn parse(text: &str) -> Option<(Quantity, Size)> {
    if text.is_empty() || text.len() > 60 {
        return None;
    }
    // The letters that have several code points, as one.
    let text = text.replace("A\u{30a}", "Å").replace('\u{212b}', "Å").replace('\u{3bc}', "µ");
    let mut reader = Reader { letters: text.chars().filter(|c| *c != '\u{2062}').collect(), at: 0, depth: 0 };
    let found = reader.product()?;
    if reader.at < reader.letters.len() || !(found.size.factor.is_finite() && found.size.factor > 0.0) {
        return None;
    }
    let quantity = match found.powers {
        [1, 0, -2] => Quantity::FluxByFrequency,
        [1, -1, -3] => Quantity::FluxByWavelength,
        [0, 1, 0] => Quantity::Length,
        [0, 0, -1] => Quantity::Frequency,
        _ => return None,
    };
    (-200..200).contains(&found.size.tens).then_some((quantity, found.size))
}

struct Reader {
    letters: Vec<char>,
    at: usize,
    depth: u8,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.letters[self.at..].iter().copied().zip(text.chars()).filter(|(a, b)| a == b).count();
        let eaten = found == text.chars().count();
        self.at += if eaten { found } else { 0 };
        eaten
    }

    /// Factors up to the end or a closing bracket. Each `/` divides by the one factor behind it.
    fn product(&mut self) -> Option<Dimension> {
        let mut product = Dimension::ONE;
        let mut divide = false;
        let mut due = true;
        loop {
            self.blanks();
            match self.peek() {
                None | Some(')') => return (!due).then_some(product),
                Some('/') if !divide => {
                    self.at += 1;
                    (divide, due) = (true, true);
                }
                Some('*' | '.' | '·' | '×') if !due => {
                    self.at += 1;
                    due = true;
                }
                Some(_) => {
                    let factor = self.factor()?;
                    product = product.times(if divide { factor.power(-1) } else { factor });
                    (divide, due) = (false, false);
                }
            }
        }
    }

    fn factor(&mut self) -> Option<Dimension> {
        let base = match self.peek()? {
            '(' if self.depth < 8 => {
                self.at += 1;
                self.depth += 1;
                let inner = self.product()?;
                self.depth -= 1;
                self.eat(")").then_some(inner)?
            }
            '0'..='9' => return self.number(),
            _ => self.symbol()?,
        };
        Some(base.power(self.exponent()?.unwrap_or(1)))
    }

    /// A number such as `1e-17`, `2.5` or `10^-17`.
    fn number(&mut self) -> Option<Dimension> {
        let start = self.at;
        let digits = |reader: &mut Self| {
            while reader.peek().is_some_and(|c| c.is_ascii_digit()) {
                reader.at += 1;
            }
        };
        digits(self);
        if self.peek() == Some('.') && self.letters.get(self.at + 1).is_some_and(char::is_ascii_digit) {
            self.at += 1;
            digits(self);
        }
        let mantissa: String = self.letters[start..self.at].iter().collect();
        let mut tens = 0;
        let signed = matches!(self.letters.get(self.at + 1), Some('-' | '+'));
        let first = self.letters.get(self.at + 1 + usize::from(signed));
        if matches!(self.peek(), Some('e' | 'E')) && first.is_some_and(char::is_ascii_digit) {
            self.at += 1;
            tens = self.whole()?;
        }
        let factor: f64 = mantissa.parse().ok()?;
        let number = |factor, tens| Dimension { size: Size { factor, tens }, ..Dimension::ONE };
        Some(match self.exponent()? {
            Some(power) if mantissa == "10" && tens == 0 => number(1.0, power),
            Some(power) => number(factor, tens).power(power),
            None => number(factor, tens),
        })
    }

    /// A whole number with or without a sign, of at most three digits.
    fn whole(&mut self) -> Option<i32> {
        let negative = matches!(self.peek(), Some('-' | '−'));
        self.at += usize::from(negative || self.peek() == Some('+'));
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.letters[start..self.at].iter().collect();
        let number: i32 = (digits.len() <= 3).then(|| digits.parse().ok())??;
        Some(if negative { -number } else { number })
    }

    /// The power behind a factor, `^2`, `**-2`, `-2`, `2`, `²` or `⁻¹`; `None` within where there is none.
    fn exponent(&mut self) -> Option<Option<i32>> {
        let marked = self.eat("**") || self.eat("^");
        if marked && self.eat("(") {
            let power = self.whole()?;
            return self.eat(")").then_some(Some(power));
        }
        let raised = |c: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|digit| digit == c);
        match self.peek() {
            Some('-' | '−' | '+' | '0'..='9') => self.whole().map(Some),
            Some('⁻') => {
                self.at += 1;
                let digit = self.peek().and_then(raised)?;
                self.at += 1;
                i32::try_from(digit).ok().map(|power| Some(-power))
            }
            Some(c) if raised(c).is_some() => {
                self.at += 1;
                raised(c).and_then(|digit| i32::try_from(digit).ok()).map(Some)
            }
            _ if marked => None,
            _ => Some(None),
        }
    }

    fn symbol(&mut self) -> Option<Dimension> {
        let start = self.at;
        while self.peek().is_some_and(char::is_alphabetic) {
            self.at += 1;
        }
        let word: String = self.letters[start..self.at].iter().collect();
        symbol(&word)
    }
}

fn symbol(word: &str) -> Option<Dimension> {
    let of = |tens: i32, powers: [i32; 3]| Some(Dimension { powers, size: Size::tens(tens) });
    let (metre, second, hertz, jansky) = ([0, 1, 0], [0, 0, 1], [0, 0, -1], [1, 0, -2]);
    // Letters of units have their case, words have any.
    match word {
        "erg" => of(-7, [1, 2, -2]),
        "J" => of(0, [1, 2, -2]),
        "W" => of(0, [1, 2, -3]),
        "mW" => of(-3, [1, 2, -3]),
        "s" => of(0, second),
        "m" => of(0, metre),
        "cm" => of(-2, metre),
        "mm" => of(-3, metre),
        "µm" | "um" => of(-6, metre),
        "nm" => of(-9, metre),
        "Å" | "A" | "AA" => of(-10, metre),
        "Hz" => of(0, hertz),
        "kHz" => of(3, hertz),
        "MHz" => of(6, hertz),
        "GHz" => of(9, hertz),
        "THz" => of(12, hertz),
        "Jy" => of(-26, jansky),
        "mJy" => of(-29, jansky),
        "µJy" | "uJy" => of(-32, jansky),
        "nJy" => of(-35, jansky),
        word => match word.to_lowercase().trim_end_matches('s') {
            "erg" => of(-7, [1, 2, -2]),
            "watt" => of(0, [1, 2, -3]),
            "sec" | "second" => of(0, second),
            "meter" | "metre" => of(0, metre),
            "micron" | "micrometer" | "micrometre" => of(-6, metre),
            "nanometer" | "nanometre" => of(-9, metre),
            "angstrom" | "ångström" | "ang" => of(-10, metre),
            "hertz" => of(0, hertz),
            "jansky" => of(-26, jansky),
            "millijansky" => of(-29, jansky),
            "microjansky" => of(-32, jansky),
            "nanojansky" => of(-35, jansky),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_unit_has_many_spellings() {
        for word in [
            "erg / s / cm² / Å",
            "erg / s / cm² / \u{212b}",
            "erg / s / cm² / A\u{30a}",
            "erg/s/cm^2/A",
            "erg/s/cm2/A",
            "ergs/s/cm**2/Angstrom",
            "erg / (Angstrom s cm2)",
            "erg / (s cm2 Angstrom)",
            "erg s-1 cm-2 A-1",
            "erg.s-1.cm-2.A-1",
            "erg s⁻¹ cm⁻² Å⁻¹",
            "erg s^-1 cm^-2 Angstrom^(-1)",
            "erg·cm^{-2}",
        ] {
            let due = if word.contains('{') { word } else { "erg / s / cm² / \u{212b}" };
            assert_eq!(canonical(word), due, "{word}");
        }
        for (word, due) in [
            ("AA", "\u{212b}"),
            ("Å", "\u{212b}"),
            ("Angstroms", "\u{212b}"),
            ("micron", "µm"),
            ("um", "µm"),
            ("\u{3bc}m", "µm"),
            ("nanometer", "nm"),
            ("hertz", "Hz"),
            ("millijansky", "mJy"),
            ("10^-3 Jy", "mJy"),
            ("0.001 Jy", "0.001 Jy"),
            ("cm", "cm"),
            ("Object", "Object"),
            ("", ""),
        ] {
            assert_eq!(canonical(word), due, "{word}");
        }
    }

    #[test]
    fn sizes_of_powers_of_ten_are_exact() {
        let scaled = |word: &str, value: f64| flux(word).map(|(own, size)| (own, size.times(value)));
        assert_eq!(scaled("Jy", 0.0012), Some(("mJy", 1.2)));
        assert_eq!(scaled("µJy", 12.5), Some(("mJy", 0.0125)));
        assert_eq!(scaled("nJy", 2500.0), Some(("mJy", 0.0025)));
        let erg = "erg / s / cm² / \u{212b}";
        assert_eq!(scaled("1e-17 erg/s/cm2/A", 2.5), Some((erg, 2.5e-17)));
        assert_eq!(scaled("10**-15 erg/s/cm2/A", 2.5), Some((erg, 2.5e-15)));
        assert_eq!(scaled("W / m2 / um", 1.0), Some((erg, 0.1)));
        assert_eq!(scaled("erg/s/cm2/Hz", 1e-26), Some(("mJy", 1.0)));
        assert_eq!(scaled("nm", 1.0), None);
        assert_eq!(scaled("counts", 1.0), None);
        let long = |word: &str| wavelength(word).map(|(own, size)| (own, size.times(0.5)));
        assert_eq!(long("m"), Some(("nm", 5e8)));
        assert_eq!(long("um"), Some(("µm", 0.5)));
        assert_eq!(long("MHz"), Some(("Hz", 5e5)));
        assert_eq!(long("mJy"), None);
    }

    #[test]
    fn a_brightness_is_a_magnitude_or_a_flux_or_unknown() {
        let of = |word: &str| brightness(word).map(|(unit, size)| (unit, size.times(1.0)));
        for (word, system) in [
            ("AB mag", Some("AB")),
            ("AB", Some("AB")),
            ("mag(AB)", Some("AB")),
            ("ABmag", Some("AB")),
            ("Vega mag", Some("Vega")),
            ("mag (Vega)", Some("Vega")),
            ("mag", None),
            ("Magnitude", None),
        ] {
            assert_eq!(of(word), Some((Unit::Magnitude(system), 1.0)), "{word}");
        }
        assert_eq!(of("Jy"), Some((Unit::flux("Jy"), 1.0)));
        assert_eq!(of("uJy"), Some((Unit::flux("µJy"), 1.0)));
        assert_eq!(of("mJy"), Some((Unit::flux("mJy"), 1.0)));
        assert_eq!(of("erg / s / cm² / \u{212b}"), Some((Unit::flux(PER_ANGSTROM), 1.0)));
        assert_eq!(of("W m-2 Hz-1"), Some((Unit::flux("mJy"), 1e29)));
        for word in [
            "((((((W^999)^999)^999)^999)^999)^999)",
            "ST mag",
            "counts",
            "nan",
            "erg / s",
            "nm",
            "",
            "m",
            "/",
            "Jy/",
            "(Jy",
            "Jy)",
            "10",
        ] {
            assert_eq!(of(word), None, "{word}");
        }
    }

    proptest! {
        #[test]
        fn no_unit_makes_it_panic(text in "[a-zA-ZÅ\u{212b}²⁻¹µ0-9 ()/*^.·+-]{0,40}", any in "\\PC{0,70}") {
            for text in [text, any] {
                let _ = (canonical(&text), brightness(&text), flux(&text), wavelength(&text));
            }
        }
    }
}
