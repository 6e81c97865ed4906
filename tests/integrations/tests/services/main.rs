//! The integrations against the real thing: one binary, one module an integration.
mod console;
