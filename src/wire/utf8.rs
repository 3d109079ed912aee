//! Text from bytes that should be UTF-8, also where some are not.

use std::borrow::Cow;

use memchr::memmem;

use crate::error::{Error, ErrorKind, Result};

/// The text of bytes that should be UTF-8, and the number of invalid sequences in it, each of which has
/// become `U+FFFD`. A byte order mark at the beginning is left out.
///
/// For tables and other texts, of which one bad byte must not cost the rest.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when most of it is no text: more than 64 invalid sequences, and more than one
/// in ten bytes.
///
/// ```
/// let (text, bad) = tom_alerts::wire::lossy(b"SN,M\xfcller\n")?;
/// assert_eq!((&*text, bad), ("SN,M\u{fffd}ller\n", 1));
/// # Ok::<(), tom_alerts::Error>(())
/// ```
pub fn lossy(bytes: &[u8]) -> Result<(Cow<'_, str>, usize)> {
    marked(bytes, char::REPLACEMENT_CHARACTER)
}

/// As [`lossy`] with a mark of one's own for what is not UTF-8.
pub(crate) fn marked(bytes: &[u8], mark: char) -> Result<(Cow<'_, str>, usize)> {
    const FEW: usize = 64;
    const PART: usize = 10;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok((Cow::Borrowed(text), 0)),
        Err(first) => first,
    };
    let most = (bytes.len() / PART).max(FEW);
    let mut text = String::with_capacity(bytes.len() + FEW);
    let mut bad = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(mark);
            bad += 1;
        }
        if bad > most {
            let text = format!("the answer is not UTF-8 text from byte {} on", first.valid_up_to());
            return Err(Error::new(ErrorKind::Unreadable, text));
        }
    }
    Ok((Cow::Owned(text), bad))
}

/// A character that does not occur in these bytes: one of those that stand for nothing in any text.
pub(crate) fn mark_for(bytes: &[u8]) -> char {
    let absent = |mark: &char| memmem::find(bytes, mark.encode_utf8(&mut [0; 4]).as_bytes()).is_none();
    ('\u{fdd0}'..='\u{fdef}').find(absent).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_mostly_no_text_is_refused_without_growing() {
        let error = lossy(&[b'{'; 3].iter().copied().chain([0xff; 900]).collect::<Vec<_>>()).unwrap_err();
        assert_eq!(error.to_string(), "the answer is not UTF-8 text from byte 3 on");
        assert_eq!(lossy(b"\xff\xfe").unwrap().1, 2);
        assert_eq!(lossy("\u{feff}é".as_bytes()).unwrap(), ("é".into(), 0));
    }

    proptest! {
        #[test]
        fn every_valid_character_stays(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let (text, bad) = lossy(&bytes).unwrap();
            let known = String::from_utf8_lossy(&bytes);
            let known = known.strip_prefix('\u{feff}').unwrap_or(&known);
            prop_assert_eq!(&*text, known);
            prop_assert_eq!(bad > 0, std::str::from_utf8(&bytes).is_err());
        }

        #[test]
        fn a_mark_is_in_no_text_that_it_marks(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mark = mark_for(&bytes);
            prop_assert!(!String::from_utf8_lossy(&bytes).contains(mark));
        }
    }
}
