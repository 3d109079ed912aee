//! Each object's data are asked for once in a run, however often the listing has it; again after a failure.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Whether an object's data have come. Whoever holds it asks for them, and the others wait for that.
pub(super) type Turn = Arc<tokio::sync::Mutex<bool>>;

/// The turns of the last objects.
#[derive(Debug, Default)]
pub(super) struct Once(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    order: VecDeque<Arc<str>>,
    turns: HashMap<Arc<str>, Turn>,
}

/// An object that comes again after so many others is asked for again.
const MOST: usize = 10_000;

impl Once {
    /// The turn of an object.
    pub(super) fn turn(&self, object: &str) -> Turn {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = state.turns.get(object) {
            return Arc::clone(turn);
        }
        let key: Arc<str> = object.into();
        state.order.push_back(Arc::clone(&key));
        if state.order.len() > MOST
            && let Some(oldest) = state.order.pop_front()
        {
            state.turns.remove(&oldest);
        }
        Arc::clone(state.turns.entry(key).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_object_is_forgotten_after_many_others() {
        let once = Once::default();
        *once.turn("a").lock().await = true;
        assert!(*once.turn("a").lock().await);
        for n in 0..MOST {
            once.turn(&n.to_string());
        }
        assert!(!*once.turn("a").lock().await);
    }
}
