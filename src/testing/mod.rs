//! The contract suites that every broker and every store must pass, yours too.
//!
//! They need nothing but what is handed in: a broker that is pointed at a recorded service, a
//! store that is empty. Each answers with the list of clauses that do not hold.

mod broker;
mod recording;
mod scripted;
mod spoil;
pub mod store;

pub use broker::{Evidence, check_broker};
pub use recording::Recording;
pub use scripted::{ScriptedSink, ScriptedTransport};
pub use spoil::{spoil, spoil_cells};
