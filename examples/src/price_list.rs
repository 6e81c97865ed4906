//! What is offered at which price, kept in memory: it hardly ever changes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use watchpost::{current_span, span};

use crate::booking::Treatment;
use crate::db::Database;

/// How long a treatment is taken from memory.
const KEPT: Duration = Duration::from_secs(60);

/// What look-ups are called: by the kind of key, never by the key.
const KEY: &str = "treatment:*";

/// The treatments that were asked for lately.
#[derive(Debug, Default)]
pub struct PriceList {
    kept: Mutex<HashMap<i64, (Treatment, Instant)>>,
}

impl PriceList {
    pub async fn find(&self, db: &Database, id: i64) -> sqlx::Result<Option<Treatment>> {
        if let Some(treatment) = self.look_up(id) {
            return Ok(Some(treatment));
        }
        let treatment = db.find_treatment(id).await?;
        if let Some(treatment) = &treatment {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.insert(id, (treatment.clone(), Instant::now()));
        }
        Ok(treatment)
    }

    /// A span by Sentry's conventions for caches, as `watchpost::redis` makes them of a cache outside of the process.
    fn look_up(&self, id: i64) -> Option<Treatment> {
        let look_up = span("cache.get", KEY).only_as_child().field("cache.key", [KEY]).field("cache.operation", "get");
        look_up.run(|| {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = kept.get(&id).filter(|(_, since)| since.elapsed() < KEPT);
            current_span().set_field("cache.hit", fresh.is_some());
            fresh.map(|(treatment, _)| treatment.clone())
        })
    }
}
