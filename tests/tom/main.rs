//! What a TOM brings along: its settings and its saved queries.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod queries;
mod settings;
#[path = "../support/mod.rs"]
mod support;
