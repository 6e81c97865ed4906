//! The user of a request, from a verified bearer token.
