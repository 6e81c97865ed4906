//! The API.

mod appointments;
mod error;
mod monitor;
mod shop;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Router, middleware};

pub use error::ApiError;

use crate::service::Shop;

/// Every route.
pub fn router(shop: Arc<Shop>) -> Router {
    let api = Router::new()
        .route("/barbers", get(shop::barbers))
        .route("/barbers/{barber_id}/slots", get(shop::slots))
        .route("/appointments", get(appointments::list).post(appointments::create))
        .route("/appointments/{appointment_id}", get(appointments::show).delete(appointments::cancel))
        .route("/admin/reminders", post(shop::reminders));
    Router::new()
        .nest("/api/v1", api)
        .fallback(error::no_such_page)
        .layer(middleware::from_fn(monitor::request))
        // Below the layer, so that health checks are no transactions.
        .route("/health", get(shop::health))
        .with_state(shop)
}
