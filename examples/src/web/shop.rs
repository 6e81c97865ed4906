//! Everything that is not about one appointment.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Date, OffsetDateTime};

use super::ApiError;
use crate::auth::Claims;
use crate::booking::{self, Barber, BookingError};
use crate::reminders::nightly_reminders;
use crate::service::Shop;

pub(super) async fn barbers(State(shop): State<Arc<Shop>>) -> Result<Json<Vec<Barber>>, ApiError> {
    Ok(Json(shop.db.barbers().await.map_err(BookingError::from)?))
}

#[derive(Deserialize)]
pub(super) struct Day {
    day: Date,
}

pub(super) async fn slots(
    State(shop): State<Arc<Shop>>,
    Path(barber_id): Path<i64>,
    Query(Day { day }): Query<Day>,
) -> Result<Json<Vec<i64>>, ApiError> {
    let midnight = day.midnight().assume_utc().unix_timestamp();
    Ok(Json(booking::find_available_slots(&shop, barber_id, midnight).await?))
}

/// Runs the nightly task now.
pub(super) async fn reminders(State(shop): State<Arc<Shop>>, claims: Claims) -> Result<Json<Value>, ApiError> {
    claims.must_be_owner()?;
    let reminded = nightly_reminders(&shop, OffsetDateTime::now_utc()).await.map_err(BookingError::from)?;
    Ok(Json(json!({ "reminded": reminded })))
}
