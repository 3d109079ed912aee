//! The query form: its faults, before a call is spent on them.
