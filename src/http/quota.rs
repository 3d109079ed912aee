//! `Quota`: how many more requests a service takes before its count begins anew, kept to by all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::wait::too_long;
use super::{Response, locked};
use crate::error::Result;

/// What an answer says of the service's count of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// How many more requests are taken before the count begins anew.
    pub remaining: u64,
    /// How long until then, at most [`Response::longest_wait`]. Services cut this to whole seconds, so a
    /// second is added to it.
    pub reset: Duration,
}

impl Quota {
    /// So many more requests until the count begins anew.
    #[must_use]
    pub const fn new(remaining: u64, reset: Duration) -> Self {
        Self { remaining, reset }
    }
}

pub(super) type ReadQuota = fn(&Response) -> Option<Quota>;

/// Resets come in whole seconds, cut off.
const CUT: Duration = Duration::from_secs(1);

/// The counts of one host, by name.
#[derive(Debug, Default)]
pub(super) struct Quotas(Mutex<HashMap<&'static str, Arc<Gate>>>);

impl Quotas {
    /// Waits until every count that a request falls under has room for it.
    pub(super) async fn enter(
        &self,
        counts: &[(&'static str, ReadQuota)],
        deadline: Instant,
    ) -> Result<Passes> {
        let mut passes = Vec::new();
        // The narrowest first: whoever waits for it must not keep the others from the wider ones.
        for (name, read) in counts.iter().rev() {
            let gate = Arc::clone(locked(&self.0).entry(name).or_default());
            passes.push((gate.enter(deadline).await?, *read));
        }
        Ok(Passes(passes))
    }

    pub(super) fn is_empty(&self) -> bool {
        locked(&self.0).is_empty()
    }
}

/// The room that one request takes up.
pub(super) struct Passes(Vec<(Pass, ReadQuota)>);

impl Passes {
    /// Takes over what the answer says. Without an answer the counts stay as they are.
    pub(super) fn settle(self, answer: Option<&Response>) {
        if let Some(response) = answer {
            // No count begins later than the service may be waited for.
            let within = |said: Quota| Quota { reset: said.reset.min(response.longest_wait()), ..said };
            let settle = |(pass, read): &(Pass, ReadQuota)| {
                pass.settle(read(response).map(within), response.is_success());
            };
            self.0.iter().for_each(settle);
        }
    }
}

/// One count of one host.
#[derive(Debug, Default)]
struct Gate {
    count: Mutex<Count>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Count {
    state: State,
    /// Whether the service has ever said something of it.
    told: bool,
    /// Requests that are on their way.
    out: u64,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    /// A count begins: one request finds out how much there is, so that none is sent in vain.
    #[default]
    Fresh,
    /// That request is on its way.
    Asking,
    Known {
        remaining: u64,
        until: Instant,
    },
    /// The service says nothing of a count.
    Silent,
}

enum Step {
    Go { asks: bool },
    Until(Instant),
    Change,
}

impl Gate {
    async fn enter(self: Arc<Self>, deadline: Instant) -> Result<Pass> {
        loop {
            let changed = self.changed.notified();
            let step = locked(&self.count).step();
            match step {
                Step::Go { asks } => {
                    drop(changed);
                    return Ok(Pass { gate: self, asks });
                }
                Step::Until(until) if until > deadline => return Err(too_long(until - Instant::now())),
                Step::Until(until) => tokio::time::sleep_until(until).await,
                Step::Change => changed.await,
            }
        }
    }
}

impl Count {
    fn step(&mut self) -> Step {
        let asks = match &mut self.state {
            State::Known { until, .. } if *until <= Instant::now() => true,
            State::Known { remaining: 0, until } => return Step::Until(*until),
            State::Known { remaining, .. } => {
                *remaining -= 1;
                false
            }
            State::Fresh => true,
            State::Asking => return Step::Change,
            State::Silent => false,
        };
        if asks {
            self.state = State::Asking;
        }
        self.out += 1;
        Step::Go { asks }
    }
}

struct Pass {
    gate: Arc<Gate>,
    /// Whether others wait for what comes of this one.
    asks: bool,
}

impl Pass {
    fn settle(&self, said: Option<Quota>, sound: bool) {
        let now = Instant::now();
        let mut count = locked(&self.gate.count);
        let Some(until) = said.and_then(|said| now.checked_add(said.reset.saturating_add(CUT))) else {
            // A failure, or an answer of a part of the service that says nothing, ends no count: the
            // next request finds out instead.
            if self.asks && sound && !count.told {
                count.state = State::Silent;
            }
            return;
        };
        count.told = true;
        let said = said.map_or(0, |said| said.remaining);
        count.state = match count.state {
            // Of one count the smaller number is the newer one, and each end is its latest.
            State::Known { remaining, until: known } if known > now && until <= known + 2 * CUT => {
                State::Known { remaining: remaining.min(said), until: until.min(known) }
            }
            // The others on their way may not have been counted yet.
            _ => State::Known { remaining: said.saturating_sub(count.out.saturating_sub(1)), until },
        };
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut count = locked(&self.gate.count);
        count.out = count.out.saturating_sub(1);
        if self.asks && matches!(count.state, State::Asking) {
            count.state = State::Fresh;
        }
        drop(count);
        self.gate.changed.notify_waiters();
    }
}
