//! `Hosts`: what holds for each host, whoever asks it: places, distance, waits and counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::locked;
use super::quota::Quotas;

/// Every host that was asked; shared by all clients of a transport.
#[derive(Debug)]
pub(super) struct Hosts {
    most: usize,
    table: Mutex<HashMap<String, Arc<Host>>>,
}

/// From here on, hosts of which nothing is known any more are forgotten: a redirect may name any host.
const MANY: usize = 1_000;

/// Beyond any use, and within what a semaphore takes on every machine.
const MOST_AT_ONCE: u32 = 1_000_000;

impl Hosts {
    /// `max_in_flight` places at each host, until a client asks for fewer.
    pub(super) fn new(max_in_flight: u32) -> Self {
        Self { most: max_in_flight.clamp(1, MOST_AT_ONCE) as usize, table: Mutex::default() }
    }

    pub(super) fn of(&self, name: &str) -> Arc<Host> {
        let mut table = locked(&self.table);
        if let Some(host) = table.get(name) {
            return Arc::clone(host);
        }
        if table.len() >= MANY {
            table.retain(|_, host| Arc::strong_count(host) > 1 || host.is_remembered(self.most));
        }
        let host = Arc::new(Host::new(self.most));
        table.insert(name.to_owned(), Arc::clone(&host));
        host
    }
}

/// What one client asks for at every host.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) max_in_flight: u32,
    pub(super) min_interval: Duration,
}

impl Asked {
    /// The stricter of both, in each limit by itself.
    pub(super) fn and(self, max_in_flight: Option<u32>, min_interval: Option<Duration>) -> Self {
        let places = max_in_flight.unwrap_or(u32::MAX).max(1);
        Self {
            max_in_flight: self.max_in_flight.min(places),
            min_interval: self.min_interval.max(min_interval.unwrap_or_default()),
        }
    }
}

/// One host.
#[derive(Debug)]
pub(super) struct Host {
    places: Arc<Semaphore>,
    rules: Mutex<Rules>,
    pub(super) quotas: Quotas,
}

/// The strictest of what was asked for so far, and what came of it.
#[derive(Debug)]
struct Rules {
    places: usize,
    /// Places that are taken, and are gone when they are given back.
    owed: usize,
    interval: Duration,
    /// When the latest request begins or began.
    latest: Option<Instant>,
    /// Nobody asks before then: the service's word.
    hold: Option<Instant>,
}

/// A place among the requests to a host; dropping it gives it back.
pub(super) struct Place {
    host: Arc<Host>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Host {
    fn new(places: usize) -> Self {
        let rules = Rules { places, owed: 0, interval: Duration::ZERO, latest: None, hold: None };
        Self { places: Arc::new(Semaphore::new(places)), rules: Mutex::new(rules), quotas: Quotas::default() }
    }

    /// Nobody asks before then. True when nothing was waited for until now.
    pub(super) fn hold(&self, until: Instant) -> bool {
        let mut rules = locked(&self.rules);
        let known = rules.hold.filter(|known| *known > Instant::now());
        rules.hold = known.max(Some(until));
        known.is_none()
    }

    /// Until when the service wants to be left alone.
    pub(super) fn held(&self) -> Option<Instant> {
        locked(&self.rules).hold.filter(|until| *until > Instant::now())
    }

    /// A place, when it is this client's turn. What the client asks for holds from now on for all.
    pub(super) async fn enter(self: Arc<Self>, asked: &Asked) -> Place {
        self.tighten(asked);
        // The semaphore is never closed, so there is always a permit.
        let permit = Arc::clone(&self.places).acquire_owned().await.ok();
        let place = Place { host: self, permit };
        let turn = {
            let mut rules = locked(&place.host.rules);
            let now = Instant::now();
            let turn = match rules.latest.and_then(|latest| latest.checked_add(rules.interval)) {
                Some(next) if !rules.interval.is_zero() => next.max(now),
                _ => now,
            };
            rules.latest = Some(turn);
            turn
        };
        tokio::time::sleep_until(turn).await;
        place
    }

    fn tighten(&self, asked: &Asked) {
        let mut rules = locked(&self.rules);
        rules.interval = rules.interval.max(asked.min_interval);
        let places = (asked.max_in_flight as usize).max(1);
        if places < rules.places {
            let surplus = rules.places - places;
            rules.owed += surplus - self.places.forget_permits(surplus);
            rules.places = places;
        }
    }

    /// Whether something is known of it that a new entry would not know.
    fn is_remembered(&self, most: usize) -> bool {
        let rules = locked(&self.rules);
        let strict = rules.places < most || !rules.interval.is_zero();
        strict || rules.hold.is_some_and(|until| until > Instant::now()) || !self.quotas.is_empty()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut rules = locked(&self.host.rules);
        if rules.owed > 0
            && let Some(permit) = self.permit.take()
        {
            rules.owed -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_forgotten_when_there_are_many_but_not_what_was_asked_of_one() {
        let hosts = Hosts::new(4);
        hosts.of("strict").tighten(&Asked { max_in_flight: 1, min_interval: Duration::ZERO });
        hosts.of("apart").tighten(&Asked { max_in_flight: 4, min_interval: Duration::from_secs(1) });
        for n in 0..10 * MANY {
            hosts.of(&n.to_string());
        }
        assert!(locked(&hosts.table).len() <= MANY + 1);
        assert_eq!(locked(&hosts.of("strict").rules).places, 1);
        assert_eq!(locked(&hosts.of("apart").rules).interval, Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn places_that_are_taken_when_fewer_are_asked_for_are_gone_afterwards() {
        let host = Hosts::new(4).of("a");
        let four = Asked { max_in_flight: 4, min_interval: Duration::ZERO };
        let two = four.and(Some(2), None);
        let mut taken = Vec::new();
        for _ in 0..3 {
            taken.push(Arc::clone(&host).enter(&four).await);
        }
        host.tighten(&two);
        assert_eq!(host.places.available_permits(), 0);
        taken.pop();
        assert_eq!(host.places.available_permits(), 0, "two are still taken");
        taken.clear();
        assert_eq!(host.places.available_permits(), 2);
        let _one = Arc::clone(&host).enter(&four).await;
        assert_eq!(host.places.available_permits(), 1, "what was asked for stays");
    }
}
