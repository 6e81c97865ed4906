//! axum and tower: one layer for requests.
