//! The contract of every broker, and no panic whatever a service sends.
