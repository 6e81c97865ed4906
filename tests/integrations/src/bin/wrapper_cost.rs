//! What each integration costs per call, against the bare client, side by side in one run:
//! ```console
//! $ cargo run --release -p watchpost-integration-tests --bin wrapper_cost
//! ```
//! Times are minima of rounds that take turns. One row function an integration; a row whose server does not answer is left out.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sentry_core::{Client, ClientOptions, Envelope, Hub, SentryFutureExt as _, Transport};
use watchpost::{Instrumentation, transaction};

/// Calls in a batch; a batch is one transaction.
const CALLS: u32 = 50;
/// Batches of a round, and rounds.
const BATCHES: u32 = 4;
const ROUNDS: u32 = 15;

type Call = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>;

/// One client, bare and wrapped.
struct Row {
    name: &'static str,
    bare: Call,
    wrapped: Call,
}

fn call<F: Future<Output = ()> + 'static>(call: impl Fn() -> F + 'static) -> Call {
    Box::new(move || Box::pin(call()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut rows = Vec::new();
    rows.extend(sqlx_sqlite().await);
    rows.extend(sqlx_postgres().await);
    rows.extend(diesel());
    rows.extend(redis().await);
    rows.extend(reqwest().await);
    rows.push(lettre());
    rows.push(tracing());
    rows.push(actix_web().await);
    let states: [(&str, Option<f32>, bool); 4] = [
        ("no client", None, false),
        ("errors only", None, true),
        ("unsampled", Some(0.0), true),
        ("sampled", Some(1.0), true),
    ];
    let mut out = format!("{:<22} {:>10}", "µs per call", "bare");
    for (state, ..) in states {
        out += &format!(" {:>14}", format!("+ {state}"));
    }
    out.push('\n');
    for row in &rows {
        let mut line = String::new();
        let mut floor = f64::MAX;
        for (_, rate, is_there) in states {
            let (bare, wrapped) = measure(row, &hub(rate, is_there)).await;
            floor = floor.min(bare);
            line += &format!(" {:>14.2}", wrapped - bare);
        }
        out += &format!("{:<22} {floor:>10.2}{line}\n", row.name);
    }
    // A program for the terminal.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), out.as_bytes());
}

/// Takes everything and keeps nothing.
struct Nowhere;
impl Transport for Nowhere {
    fn send_envelope(&self, _: Envelope) {}
}

fn hub(rate: Option<f32>, is_there: bool) -> Arc<Hub> {
    let mut options =
        ClientOptions::new().dsn("https://public@sentry.invalid/1").add_integration(Instrumentation::new());
    if let Some(rate) = rate {
        options = options.traces_sample_rate(rate);
    }
    options.transport = Some(Arc::new(|_: &ClientOptions| Arc::new(Nowhere) as Arc<dyn Transport>));
    let client = is_there.then(|| Arc::new(Client::with_options(options)));
    Arc::new(Hub::new(client, Arc::default()))
}

/// Microseconds a call, bare and wrapped.
async fn measure(row: &Row, hub: &Arc<Hub>) -> (f64, f64) {
    let mut least = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        for (least, call) in least.iter_mut().zip([&row.bare, &row.wrapped]) {
            for _ in 0..BATCHES {
                let started = Instant::now();
                let batch = async {
                    for _ in 0..CALLS {
                        call().await;
                    }
                };
                transaction("bench", row.name).instrument(batch).bind_hub(Arc::clone(hub)).await;
                *least = (*least).min(started.elapsed());
            }
        }
    }
    let [bare, wrapped] = least.map(|least| least.as_secs_f64() * 1e6 / f64::from(CALLS));
    (bare, wrapped)
}

async fn sqlx_sqlite() -> Option<Row> {
    let bare =
        sqlx::pool::PoolOptions::<sqlx::Sqlite>::new().max_connections(1).connect("sqlite::memory:").await.ok()?;
    let wrapped = watchpost::sqlx::MonitoredPool::new(bare.clone());
    Some(Row {
        name: "sqlx, SQLite",
        bare: call(move || {
            let pool = bare.clone();
            async move { assert!(sqlx::query("SELECT 1 AS a").fetch_one(&pool).await.is_ok()) }
        }),
        wrapped: call(move || {
            let pool = wrapped.clone();
            async move { assert!(sqlx::query("SELECT 1 AS a").fetch_one(&pool).await.is_ok()) }
        }),
    })
}

async fn sqlx_postgres() -> Option<Row> {
    let url = watchpost_integration_tests::POSTGRES.url()?;
    let bare = sqlx::pool::PoolOptions::<sqlx::Postgres>::new().max_connections(1).connect(&url).await.ok()?;
    let wrapped = watchpost::sqlx::MonitoredPool::new(bare.clone());
    Some(Row {
        name: "sqlx, PostgreSQL",
        bare: call(move || {
            let pool = bare.clone();
            async move { assert!(sqlx::query("SELECT 1 AS a").fetch_one(&pool).await.is_ok()) }
        }),
        wrapped: call(move || {
            let pool = wrapped.clone();
            async move { assert!(sqlx::query("SELECT 1 AS a").fetch_one(&pool).await.is_ok()) }
        }),
    })
}

fn diesel() -> Option<Row> {
    use std::sync::Mutex;

    use diesel::connection::Connection as _;
    use diesel::{RunQueryDsl as _, SqliteConnection};
    let connection = || SqliteConnection::establish(":memory:").ok();
    let bare = connection()?;
    let mut wrapped = connection()?;
    wrapped.set_instrumentation(watchpost::diesel::Monitor::new());
    let select = |connection: SqliteConnection| {
        let connection = Mutex::new(connection);
        call(move || {
            let selected =
                connection.lock().map(|mut connection| diesel::sql_query("SELECT 1").execute(&mut *connection));
            assert!(selected.is_ok_and(|selected| selected.is_ok()));
            std::future::ready(())
        })
    };
    Some(Row { name: "diesel, SQLite", bare: select(bare), wrapped: select(wrapped) })
}

async fn redis() -> Option<Row> {
    use redis::AsyncCommands as _;
    let url = watchpost_integration_tests::REDIS.url()?;
    let bare = redis::Client::open(url).ok()?.get_multiplexed_async_connection().await.ok()?;
    let wrapped = watchpost::redis::Monitored::new(bare.clone());
    Some(Row {
        name: "redis, GET",
        bare: call(move || {
            let mut connection = bare.clone();
            async move { assert!(connection.get::<_, Option<String>>("watchpost_cost:1").await.is_ok()) }
        }),
        wrapped: call(move || {
            let mut connection = wrapped.clone();
            async move { assert!(connection.get::<_, Option<String>>("watchpost_cost:1").await.is_ok()) }
        }),
    })
}

async fn reqwest() -> Option<Row> {
    use watchpost::reqwest::{Middleware, RequestBuilderExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.ok()?;
    let url = format!("http://{}/users/17", listener.local_addr().ok()?);
    let routes = axum::Router::new().route("/users/{id}", axum::routing::get(|| async { "" }));
    // On a thread of its own, so that what is measured is the client.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map(|runtime| {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener.into_std()?)?;
                axum::serve(listener, routes).await
            })
        })
    });
    let (client, monitored) = (reqwest::Client::new(), Middleware::new().propagate_to("127.0.0.1").ok()?);
    let (bare, bare_url) = (client.clone(), url.clone());
    Some(Row {
        name: "reqwest",
        bare: call(move || {
            let request = bare.get(&bare_url);
            async move { assert!(request.send().await.is_ok_and(|answer| answer.status() == 200)) }
        }),
        wrapped: call(move || {
            let (request, monitored) = (client.get(&url), monitored.clone());
            async move {
                assert!(request.send_monitored_by(&monitored).await.is_ok_and(|answer| answer.status() == 200));
            }
        }),
    })
}

fn lettre() -> Row {
    use lettre::address::Envelope;
    use lettre::transport::stub::AsyncStubTransport;
    use lettre::{Address, AsyncTransport as _};
    let to = Address::new("bob", "corp.example").into_iter().collect();
    let envelope = Arc::new(Envelope::new(None, to).ok());
    let bare = AsyncStubTransport::new_ok();
    let wrapped = Arc::new(watchpost::lettre::MonitoredTransport::new(bare.clone()));
    let (bare, other) = (Arc::new(bare), Arc::clone(&envelope));
    Row {
        name: "lettre, nothing sent",
        bare: call(move || {
            let (transport, envelope) = (Arc::clone(&bare), Arc::clone(&other));
            async move {
                if let Some(envelope) = &*envelope {
                    assert!(transport.send_raw(envelope, b"Subject: test").await.is_ok());
                }
            }
        }),
        wrapped: call(move || {
            let (transport, envelope) = (Arc::clone(&wrapped), Arc::clone(&envelope));
            async move {
                if let Some(envelope) = &*envelope {
                    assert!(transport.send_raw(envelope, b"Subject: test").await.is_ok());
                }
            }
        }),
    }
}

/// A request to a route, without the network.
async fn actix_web() -> Row {
    use std::rc::Rc;

    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, HttpResponse, web};
    let users = || web::get().to(HttpResponse::Ok);
    let bare = Rc::new(init_service(App::new().route("/users/{id}", users())).await);
    let monitor = watchpost::actix_web::Monitor::new();
    let wrapped = Rc::new(init_service(App::new().wrap(monitor).route("/users/{id}", users())).await);
    let request = || TestRequest::get().uri("/users/17").to_request();
    Row {
        name: "actix-web, a request",
        bare: call(move || {
            let app = Rc::clone(&bare);
            async move { assert!(call_service(&*app, request()).await.status().is_success()) }
        }),
        wrapped: call(move || {
            let app = Rc::clone(&wrapped);
            async move { assert!(call_service(&*app, request()).await.status().is_success()) }
        }),
    }
}

fn tracing() -> Row {
    use tracing_subscriber::layer::SubscriberExt as _;
    let bare = tracing::Dispatch::new(tracing_subscriber::registry());
    let wrapped = tracing::Dispatch::new(tracing_subscriber::registry().with(watchpost::tracing::layers()));
    let info =
        |dispatch: &tracing::Dispatch| tracing::dispatcher::with_default(dispatch, || tracing::info!(n = 1, "test"));
    Row {
        name: "tracing, info!",
        bare: call(move || {
            info(&bare);
            std::future::ready(())
        }),
        wrapped: call(move || {
            info(&wrapped);
            std::future::ready(())
        }),
    }
}
