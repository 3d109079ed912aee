//! Cutouts: FITS images that come with the answer.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{SeqAccess, Visitor};

use super::answer;
use super::packet::BoomAlert;
use crate::plugin::*;

/// The three images of an alert.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Stamps {
    /// The alert.
    #[serde(alias = "_id", deserialize_with = "wire::text_or_none")]
    pub candid: Option<String>,
    /// The new exposure.
    #[serde(rename = "cutoutScience")]
    pub science: Option<Stamp>,
    /// The reference.
    #[serde(rename = "cutoutTemplate")]
    pub template: Option<Stamp>,
    /// The new exposure less the reference.
    #[serde(rename = "cutoutDifference")]
    pub difference: Option<Stamp>,
}

/// One image, FITS or gzip of FITS: base64 on the wire, a list of bytes in older answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Stamp(pub Vec<u8>);

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stamp({} bytes)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Image;
        impl<'de> Visitor<'de> for Image {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an image in base64")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
                STANDARD.decode(text.trim()).map_err(|_| E::custom("an image in base64 was due"))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<u8>, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = items.next_element()? {
                    bytes.push(byte);
                }
                Ok(bytes)
            }
        }
        from.deserialize_any(Image).map(Self)
    }
}

/// The request for the cutouts of the alert, where it is known, else of the object's last one.
pub(super) fn request(request: Request, subject: &Subject<'_, BoomAlert>, id: &str) -> Request {
    match subject.alert.and_then(|alert| alert.candid()) {
        Some(candid) => request.query("candid", candid),
        None => request.query("objectId", id).query("which", "last"),
    }
}

/// Reads the cutouts.
pub(super) fn read(response: &Response) -> Result<Vec<Cutout>> {
    Ok(answer::data::<Stamps>(response)?.cutouts())
}

impl Stamps {
    fn cutouts(self) -> Vec<Cutout> {
        let images = [
            (CutoutKind::Science, self.science),
            (CutoutKind::Template, self.template),
            (CutoutKind::Difference, self.difference),
        ];
        let cutout = |(kind, stamp): (CutoutKind, Option<Stamp>)| {
            let bytes = stamp?.0;
            let format = if bytes.starts_with(&[0x1f, 0x8b]) { "fits.gz" } else { "fits" };
            Some(Cutout {
                kind,
                format: format.to_owned(),
                source_id: self.candid.clone(),
                url: None,
                bytes: Some(Image(bytes)),
            })
        };
        images.into_iter().filter_map(cutout).collect()
    }
}
