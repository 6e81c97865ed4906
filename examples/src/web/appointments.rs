//! `/api/v1/appointments`

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::ApiError;
use crate::auth::Claims;
use crate::booking::{self, Appointment, Booking, BookingError, BookingRequest};
use crate::service::Shop;

pub(super) async fn create(
    State(shop): State<Arc<Shop>>,
    claims: Claims,
    request: Result<Json<BookingRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<Booking>), ApiError> {
    let Json(request) = request?;
    let booking = booking::create_booking(&shop, &claims, &request).await?;
    Ok((StatusCode::CREATED, Json(booking)))
}

pub(super) async fn list(State(shop): State<Arc<Shop>>, claims: Claims) -> Result<Json<Vec<Appointment>>, ApiError> {
    let appointments = shop.db.appointments_of_customer(&claims.sub).await;
    Ok(Json(appointments.map_err(BookingError::from)?))
}

pub(super) async fn show(
    State(shop): State<Arc<Shop>>,
    claims: Claims,
    Path(appointment_id): Path<i64>,
) -> Result<Json<Appointment>, ApiError> {
    Ok(Json(booking::find_booking(&shop, &claims, appointment_id).await?))
}

pub(super) async fn cancel(
    State(shop): State<Arc<Shop>>,
    claims: Claims,
    Path(appointment_id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    booking::cancel_booking(&shop, &claims, appointment_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
