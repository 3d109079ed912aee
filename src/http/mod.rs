//! The one transport of all brokers: polite, bounded, and silent about secrets.
//!
//! A plugin builds a [`Request`] and reads a [`Response`]; [`Http`] does all between: retries,
//! what the server asks for, limits, bounds. One try is [`Transport::send`], and a transport of
//! one's own can take its place.

mod cache;
mod client;
mod config;
mod hosts;
mod quota;
mod redirect;
mod request;
mod response;
mod retry;
mod root;
mod transport;
mod wait;

use std::sync::{Mutex, MutexGuard, PoisonError};

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change under these locks is one assignment, so a poisoned value is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub use crate::wire::{json, mend_nan};
pub use client::{Http, Limits};
pub use config::HttpConfig;
pub use quota::Quota;
pub use request::{Body, Method, Request};
pub use response::Response;
pub use root::{Link, Root};
pub use transport::{HttpTransport, Transport};
