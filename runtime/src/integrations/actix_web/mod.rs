//! Requests of actix-web.
