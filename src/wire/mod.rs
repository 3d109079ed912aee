//! Lenient readers of what services send: wire fields, JSON, text that should be UTF-8.
//!
//! The readers of fields are for `#[serde(default, deserialize_with = "wire::number")]` in the wire types
//! of a plugin. None of them goes through `serde_json::Value`, so they cost no more than the plain types.
//!
//! Where a number or a flag is due, the texts `nan`, `none` and `null` in any case, and blanks, are
//! nothing, as services write their missing values so. The readers that end in `_or_none` fail for no
//! value: they are for every field without which a packet or a row is still good. [`left_out`] counts
//! what they could not read.

mod fields;
mod json;
pub(crate) mod object;
mod peeked;
mod shapes;
mod utf8;

pub use fields::*;
pub use json::{json, mend_nan, shortened};
pub use object::object;
pub use peeked::Peeked;
pub use shapes::{filled_or_none, list_or_empty, object_or_none};
pub use utf8::lossy;

pub(crate) use json::{end_of_text, html_words, is_html, json_text, own_words, syntax_fault, typed_fault};
pub(crate) use utf8::{mark_for, marked};
