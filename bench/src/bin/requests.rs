//! What the layer for axum costs a request, against the bare router, in one run:
//! `cargo run --release -p watchpost-bench --bin requests`

#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use sentry_core::{Client, ClientOptions, Envelope, Hub, Transport};
use tower::{Layer, Service, ServiceExt};
use watchpost::axum::MonitorLayer;

const ROUNDS: usize = 40;
const REQUESTS: u32 = 500;

/// Takes everything and keeps nothing: what is measured is what the serving thread does.
struct Nowhere;

impl Transport for Nowhere {
    fn send_envelope(&self, envelope: Envelope) {
        black_box((watchpost::__private::take_spans(&envelope), envelope));
    }
}

fn routes() -> Router {
    Router::new()
        .route("/users/{id}", get(|Path(id): Path<u32>| async move { format!("user {id}") }))
        .route("/fails", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
}

fn hub(options: Option<ClientOptions>) -> Arc<Hub> {
    let client = options.map(|options| {
        let options = options.dsn("https://key@sentry.invalid/1").transport(Arc::new(Nowhere));
        Arc::new(Client::with_options(options))
    });
    Arc::new(Hub::new(client, Arc::default()))
}

async fn round<S>(service: &S, path: &str) -> Duration
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    let began = Instant::now();
    for _ in 0..REQUESTS {
        let request = Request::builder().uri(path).header("host", "shop.test").header("user-agent", "bench/1");
        let Ok(request) = request.body(Body::empty()) else { continue };
        let answer = service.clone().oneshot(request).await;
        let _ = black_box(answer);
    }
    began.elapsed() / REQUESTS
}

fn main() {
    let watched = || ClientOptions::new().add_integration(watchpost::Instrumentation::new());
    let states = [
        ("bare router", None, false, "/users/7"),
        ("layer, no client", None, true, "/users/7"),
        ("layer, errors only", Some(watched()), true, "/users/7"),
        ("layer, unsampled", Some(watched().traces_sample_rate(0.0)), true, "/users/7"),
        ("layer, sampled", Some(watched().traces_sample_rate(1.0)), true, "/users/7"),
        ("layer, skipped path", Some(watched().traces_sample_rate(1.0)), true, "/health"),
    ];
    let bare = routes();
    let watched = routes().layer(MonitorLayer::new());
    let around = MonitorLayer::new().layer(routes());
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return };
    let states: Vec<_> =
        states.into_iter().map(|(name, options, has_layer, path)| (name, hub(options), has_layer, path)).collect();
    let mut best = vec![Duration::MAX; states.len()];
    let mut best_around = Duration::MAX;
    for _ in 0..ROUNDS {
        for (best, (_, hub, has_layer, path)) in best.iter_mut().zip(&states) {
            let took =
                Hub::run(hub.clone(), || runtime.block_on(round(if *has_layer { &watched } else { &bare }, path)));
            *best = took.min(*best);
        }
        let hub = states[4].1.clone();
        best_around = best_around.min(Hub::run(hub, || runtime.block_on(round(&around, "/users/7"))));
    }
    println!("ns a request, the best of {ROUNDS} rounds of {REQUESTS}\n");
    println!("{:<28}{:>10}{:>12}", "", "ns", "more than");
    println!("{:<28}{:>10}{:>12}", "", "", "bare");
    let names = states.iter().map(|(name, ..)| *name).zip(&best).chain([("around the router, sampled", &best_around)]);
    for (name, took) in names {
        let more = took.saturating_sub(best[0]);
        println!("{name:<28}{:>10}{:>12}", took.as_nanos(), more.as_nanos());
    }
}
