//! Statements of diesel.
