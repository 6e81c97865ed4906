//! The API.

mod appointments;
mod error;
mod shop;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use watchpost::axum::{MonitorLayer, health_route};
use watchpost::jwt::JwtUser;

pub use error::ApiError;

use crate::auth::Claims;
use crate::service::Shop;

/// Every route; `user` tells Sentry who asks.
pub fn router(shop: Arc<Shop>, user: JwtUser<Claims>) -> Router {
    let monitor = MonitorLayer::new().user(user).path_context("appointment_id", "booking");
    let api = Router::new()
        .route("/barbers", get(shop::barbers))
        .route("/barbers/{barber_id}/slots", get(shop::slots))
        .route("/appointments", get(appointments::list).post(appointments::create))
        .route("/appointments/{appointment_id}", get(appointments::show).delete(appointments::cancel))
        .route("/admin/reminders", post(shop::reminders));
    Router::new()
        .nest("/api/v1", api)
        .fallback(error::no_such_page)
        .route("/health", health_route())
        .with_state(shop)
        // Last, so around everything. Of itself it records nothing of health checks.
        .layer(monitor)
}
