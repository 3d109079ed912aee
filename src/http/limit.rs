//! How many requests go to a host at once, how far apart, and not before when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::locked;

/// Waits that services asked for, by host; shared by all brokers of a transport.
#[derive(Debug, Default)]
pub(super) struct Holds(Mutex<HashMap<String, Instant>>);

impl Holds {
    /// Nobody asks this host before then.
    pub(super) fn hold(&self, host: &str, until: Instant) {
        let mut holds = locked(&self.0);
        let known = holds.entry(host.to_owned()).or_insert(until);
        *known = (*known).max(until);
    }

    pub(super) fn until(&self, host: &str) -> Option<Instant> {
        locked(&self.0).get(host).copied().filter(|until| *until > Instant::now())
    }
}

/// Beyond any use, and within what a semaphore takes on every machine.
const MOST_AT_ONCE: u32 = 1_000_000;

/// The limits of one broker, kept for each host by itself.
#[derive(Debug)]
pub(super) struct Limiter {
    pub(super) max_in_flight: u32,
    pub(super) min_interval: Option<Duration>,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug)]
struct Host {
    places: Arc<Semaphore>,
    next: Mutex<Instant>,
}

impl Limiter {
    pub(super) fn new(max_in_flight: u32, min_interval: Option<Duration>) -> Self {
        Self { max_in_flight: max_in_flight.clamp(1, MOST_AT_ONCE), min_interval, hosts: Mutex::default() }
    }

    fn host(&self, host: &str) -> Arc<Host> {
        let new = || {
            let places = Arc::new(Semaphore::new(self.max_in_flight as usize));
            Arc::new(Host { places, next: Mutex::new(Instant::now()) })
        };
        Arc::clone(locked(&self.hosts).entry(host.to_owned()).or_insert_with(new))
    }

    /// A place among the requests to a host; it is free again when the permit is dropped.
    pub(super) async fn enter(&self, name: &str) -> Option<OwnedSemaphorePermit> {
        let host = self.host(name);
        // The semaphore is never closed, so there is always a permit.
        let permit = Arc::clone(&host.places).acquire_owned().await.ok();
        if let Some(interval) = self.min_interval {
            let slot = {
                let mut next = locked(&host.next);
                let slot = (*next).max(Instant::now());
                *next = slot + interval;
                slot
            };
            tokio::time::sleep_until(slot).await;
        }
        permit
    }
}
