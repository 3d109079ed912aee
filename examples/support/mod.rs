//! What the examples share: recorded brokers, tables, light curves as SVG.

pub(crate) mod demo;
pub(crate) mod lightcurve;
pub(crate) mod table;
