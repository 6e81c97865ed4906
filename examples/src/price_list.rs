//! What is offered at which price, from a cache: it hardly ever changes.

use crate::booking::Treatment;
use crate::cache::Cache;
use crate::db::Database;

/// How long a treatment is taken from the cache, in seconds.
const KEPT: u64 = 60;

/// The treatments that were asked for lately.
#[derive(Debug)]
pub struct PriceList {
    cache: Cache,
    /// Which database it is of: the cache may be shared.
    database: String,
}

impl PriceList {
    pub fn new(cache: Cache, database: String) -> Self {
        Self { cache, database }
    }

    pub async fn find(&self, db: &Database, id: i64) -> sqlx::Result<Option<Treatment>> {
        // Told as `treatment:*`.
        let key = format!("treatment:{}:{id}", self.database);
        if let Some(kept) = self.cache.get(&key).await.and_then(|kept| serde_json::from_str(&kept).ok()) {
            return Ok(Some(kept));
        }
        let treatment = db.find_treatment(id).await?;
        if let Some(json) = treatment.as_ref().and_then(|treatment| serde_json::to_string(treatment).ok()) {
            self.cache.put(&key, json, KEPT).await;
        }
        Ok(treatment)
    }
}
