//! What is recorded, printed while developing.
