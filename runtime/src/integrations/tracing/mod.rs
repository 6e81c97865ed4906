//! Events and spans of tracing.
