//! The span engine.
