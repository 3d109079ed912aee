//! When a request is sent again: a pure policy, with time and dice as arguments.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::{HttpConfig, Request, Response};
use crate::error::{ErrorKind, Result};

/// Where in an exchange a request failed; a refused connection has taken nothing.
pub(super) const STAGE: &str = "stage";
pub(super) const CONNECTING: &str = "connecting";

#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    pub(super) max_retries: u32,
    pub(super) deadline: Duration,
}

#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// The outcome stands.
    Final,
    /// Try again after this.
    RetryIn(Duration),
    /// The service limits its callers, and asks for a longer wait than the call has left.
    TooLong(Duration),
}

impl Policy {
    pub(super) fn new(config: &HttpConfig) -> Self {
        Self { max_retries: config.max_retries, deadline: seconds(config.call_timeout) }
    }

    /// What to do after a try. `attempt` counts from 0; `dice` is between 0 and 1.
    pub(super) fn verdict(
        &self,
        request: &Request,
        outcome: &Result<Response>,
        attempt: u32,
        spent: Duration,
        hint: Option<Duration>,
        dice: f64,
    ) -> Verdict {
        if !worth_it(request, outcome) {
            return Verdict::Final;
        }
        let left = self.deadline.saturating_sub(spent);
        if let Some(wait) = hint.filter(|wait| *wait > left) {
            // Of a limit the wait is all that there is to say; of a failure the service's words count.
            let failed = outcome.as_ref().is_ok_and(|answer| answer.status() != 429);
            return if failed { Verdict::Final } else { Verdict::TooLong(wait) };
        }
        // A hint of "now", or of a time that is past by this clock, must not spend all tries at once.
        let delay = self.delay(attempt).mul_f64(0.5 + 0.5 * dice.clamp(0.0, 1.0));
        let wait = hint.map_or(delay, |wait| wait.max(delay));
        if attempt >= self.max_retries || wait > left { Verdict::Final } else { Verdict::RetryIn(wait) }
    }

    fn delay(&self, attempt: u32) -> Duration {
        const LONGEST: Duration = Duration::from_secs(30);
        let delays = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(500))
            .with_max_delay(LONGEST)
            .with_factor(2.0)
            .without_max_times()
            .build();
        delays.take(attempt as usize + 1).last().unwrap_or(LONGEST)
    }
}

/// Whether a further try can do good and no harm.
fn worth_it(request: &Request, outcome: &Result<Response>) -> bool {
    match outcome {
        Ok(response) if request.accepts(response.status()) => false,
        Ok(response) => match response.status() {
            429 => true,
            408 | 425 | 500 | 502 | 503 | 504 => request.is_idempotent(),
            _ => false,
        },
        Err(error) => match error.kind() {
            ErrorKind::Network | ErrorKind::Timeout => {
                error.is_retryable() && (request.is_idempotent() || error.context(STAGE) == Some(CONNECTING))
            }
            _ => false,
        },
    }
}

/// A deadline behind this is none, and a clock cannot count to all of them.
pub(super) const LONGEST_CALL: Duration = Duration::from_secs(366 * 86_400);

/// Seconds of a configuration; one that was filled in code may hold any number.
pub(super) fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value).map_or(LONGEST_CALL, |wait| wait.min(LONGEST_CALL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn policy() -> Policy {
        Policy { max_retries: 3, deadline: Duration::from_secs(60) }
    }

    fn answer(status: u16) -> Result<Response> {
        Ok(Response::new(status, Vec::new(), "".into()))
    }

    fn get() -> Request {
        Request::get("http://127.0.0.1/".parse().unwrap())
    }

    #[test]
    fn delays_double_and_are_shortened_by_the_dice() {
        let wait =
            |attempt, dice| policy().verdict(&get(), &answer(503), attempt, Duration::ZERO, None, dice);
        assert_eq!(wait(0, 1.0), Verdict::RetryIn(Duration::from_millis(500)));
        assert_eq!(wait(0, 0.0), Verdict::RetryIn(Duration::from_millis(250)));
        assert_eq!(wait(2, 1.0), Verdict::RetryIn(Duration::from_secs(2)));
        assert_eq!(wait(3, 1.0), Verdict::Final);
    }

    #[test]
    fn a_hint_is_obeyed_or_told() {
        let wait = |secs| {
            let hint = Some(Duration::from_secs(secs));
            policy().verdict(&get(), &answer(429), 0, Duration::from_secs(10), hint, 1.0)
        };
        assert_eq!(wait(50), Verdict::RetryIn(Duration::from_secs(50)));
        assert_eq!(wait(51), Verdict::TooLong(Duration::from_secs(51)));
        let hour = Some(Duration::from_secs(3_600));
        let down = policy().verdict(&get(), &answer(503), 0, Duration::ZERO, hour, 1.0);
        assert_eq!(down, Verdict::Final, "the answer says more than the wait");
    }

    #[test]
    fn a_submission_is_sent_again_only_when_it_was_not_taken() {
        let post = Request::post("http://127.0.0.1/".parse().unwrap());
        let verdict = |outcome| policy().verdict(&post, &outcome, 0, Duration::ZERO, None, 1.0);
        assert_eq!(verdict(answer(503)), Verdict::Final);
        assert_ne!(verdict(answer(429)), Verdict::Final);
        let lost = || Error::new(ErrorKind::Network, "lost").retryable(true);
        assert_eq!(verdict(Err(lost())), Verdict::Final);
        assert_ne!(verdict(Err(lost().with(STAGE, CONNECTING))), Verdict::Final);
        assert_ne!(policy().verdict(&get(), &Err(lost()), 0, Duration::ZERO, None, 1.0), Verdict::Final);
    }

    #[test]
    fn what_cannot_change_is_final() {
        for status in [200, 301, 400, 401, 403, 404, 422, 501] {
            let verdict = policy().verdict(&get(), &answer(status), 0, Duration::ZERO, None, 1.0);
            assert_eq!(verdict, Verdict::Final, "{status}");
        }
        let accepted = get().accept_status(500);
        assert_eq!(policy().verdict(&accepted, &answer(500), 0, Duration::ZERO, None, 1.0), Verdict::Final);
    }
}
