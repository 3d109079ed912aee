//! What the test programs share: services that answer from a recording or a script, the failures that
//! every broker tells alike, the properties that hold for every broker, and a broker of no survey.
#![allow(dead_code, unused_imports, unused_macros, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "so does a test fail")]

#[cfg(feature = "scimma")]
pub(crate) mod bson;
pub(crate) mod contract;
pub(crate) mod errors;
pub(crate) mod failing;
pub(crate) mod fixtures;
pub(crate) mod front;
pub(crate) mod listing;
pub(crate) mod messages;
pub(crate) mod points;
pub(crate) mod properties;
pub(crate) mod script;
pub(crate) mod service;
pub(crate) mod toy;
pub(crate) mod wild;
