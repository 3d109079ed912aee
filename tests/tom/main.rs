//! What people bring along: the settings of a TOM, its saved queries, ids as they are typed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod ids;
mod queries;
mod settings;
#[path = "../support/mod.rs"]
mod support;
