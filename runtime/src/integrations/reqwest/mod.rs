//! Outgoing HTTP of reqwest.
