//! Goes through the steps of a call.

use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};

use super::{Call, Engine};
use crate::error::{Error, ErrorKind, Result};

/// How many steps one call may take: a reply that is never ready must not be asked for for ever.
const MAX_STEPS: usize = 1_000;

/// The longest pause between two steps: it may be a service's word, and that may be anything.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// Carries a call out.
pub(crate) fn run<T: Send + 'static>(engine: &dyn Engine, mut call: Call<T>) -> BoxFuture<'_, Result<T>> {
    let told = |error: Error| engine.told(error);
    async move {
        for _ in 0..MAX_STEPS {
            call = match call {
                Call::Done(value) => return Ok(value),
                Call::Send(request, then) => then(engine.send(*request).await).map_err(told)?,
                Call::Publish(messages, then) => then(engine.publish(&messages).await).map_err(told)?,
                Call::Wait(pause, next) => {
                    if pause > LONGEST_PAUSE {
                        let (asked_s, wait_s) = (pause.as_secs(), LONGEST_PAUSE.as_secs());
                        tracing::warn!(target: "tom_alerts::call", asked_s, wait_s, "the pause exceeds the maximum and is shortened");
                    }
                    tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
                    *next
                }
                Call::All(calls, join) => {
                    let results = stream::iter(calls)
                        .map(|call| run(engine, call))
                        .buffered(engine.width())
                        .collect::<Vec<_>>()
                        .await;
                    join(results).map_err(told)?
                }
                Call::Chain(chain) => chain.0.run(engine).await.map_err(told)?,
                Call::Announced(call, _) => *call,
            };
        }
        Err(told(Error::new(ErrorKind::Limit, format!("no result after {MAX_STEPS} steps"))))
    }
    .boxed()
}
