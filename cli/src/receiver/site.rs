//! What is shown to people who come with a browser.

use super::item::Item;
use super::store::Request;

/// What answers visits.
pub(super) type Site = dyn Fn(&Visit<'_>) -> Option<Document> + Send + Sync;

/// Someone asks for a document.
#[derive(Debug)]
pub struct Visit<'a> {
    /// Path and query.
    pub target: &'a str,
    /// The header `host`: the name under which the visitor knows this place.
    pub host: &'a str,
    /// Everything taken so far.
    pub items: &'a [Item],
    /// Every request so far.
    pub requests: &'a [Request],
}

/// What is answered, always with `Cache-Control: no-store` and `X-Content-Type-Options: nosniff`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The status.
    pub status: u16,
    /// Its media type.
    pub content_type: &'static str,
    /// The header `Content-Security-Policy`.
    pub policy: String,
    /// The document.
    pub body: Vec<u8>,
}
