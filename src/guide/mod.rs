//! Guide pages: how to write a broker, and what is where for people who come from Python.

#[doc = include_str!("writing_a_broker.md")]
pub mod writing_a_broker {}

#[doc = include_str!("coming_from_python.md")]
pub mod coming_from_python {}
