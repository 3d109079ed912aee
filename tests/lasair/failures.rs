//! What goes wrong at the service, and how it is told.
