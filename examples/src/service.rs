//! The service as a whole: what runs, and in which order it ends.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lettre::address::AddressError;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use watchpost::jwt::{JwtConfigError, JwtUser};
use watchpost::reqwest::InvalidTarget;

use crate::auth::{Claims, Keys};
use crate::cache::Cache;
use crate::db::Database;
use crate::mail::Mail;
use crate::outgoing::Provider;
use crate::price_list::PriceList;
use crate::providers::Providers;
use crate::{web, worker};

/// What handlers and tasks work with.
#[derive(Debug)]
pub struct Shop {
    pub db: Database,
    pub prices: PriceList,
    pub keys: Keys,
    pub payments: Provider,
    pub calendars: Provider,
    pub mail: Mail,
    pub sms: Provider,
}

/// The running service: web server, workers, and the providers it talks to.
#[derive(Debug)]
pub struct Service {
    pub shop: Arc<Shop>,
    pub address: SocketAddr,
    directory: PathBuf,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    _providers: Providers,
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("port {port}: {source}")]
    Port { port: u16, source: io::Error },
    #[error("the providers cannot be started: {0}")]
    Providers(io::Error),
    #[error(transparent)]
    Provider(#[from] InvalidTarget),
    #[error("the sender of mails: {0}")]
    Sender(#[from] AddressError),
    #[error("the database cannot be opened: {0}")]
    Database(#[from] sqlx::Error),
    #[error("Redis cannot be reached: {0}")]
    Redis(redis::RedisError),
    #[error("no token can be verified: {0}")]
    Keys(#[from] JwtConfigError),
    #[error("no room for the database in {directory}: {source}")]
    Directory { directory: String, source: io::Error },
}

const WORKERS: usize = 2;

/// Who mails are from.
const SENDER: &str = "The barber's shop <hello@shop.example>";

impl Service {
    /// Starts everything on loopback; port 0 lets the system choose one. The database is a file that goes with the service; the cache
    /// is at the URL of a Redis, or without one in this process.
    pub async fn start(port: u16, redis: Option<&str>) -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|source| StartError::Port { port, source })?;
        let address = listener.local_addr().map_err(|source| StartError::Port { port, source })?;
        let cache = match redis {
            Some(url) => Cache::redis(url).await.map_err(StartError::Redis)?,
            None => Cache::in_process(),
        };
        let directory = temporary_directory()?;
        let providers = Providers::start().await.map_err(StartError::Providers)?;
        let shop = Arc::new(Shop {
            db: Database::open(&directory.join("booking.sqlite")).await?,
            prices: PriceList::new(cache, OffsetDateTime::now_utc().unix_timestamp_nanos().to_string()),
            keys: Keys::new(b"a real service reads its key from a vault"),
            payments: Provider::new("barberpay", providers.payments.url())?,
            calendars: Provider::new("google_calendar", providers.calendars.url())?,
            mail: Mail::new("sendmail", providers.mail.address(), SENDER)?,
            sms: Provider::new("textit", providers.sms.url())?,
        });
        let (stop, stopped) = watch::channel(false);
        let user = shop.keys.user()?;
        let mut tasks = vec![tokio::spawn(serve(listener, Arc::clone(&shop), user, stopped.clone()))];
        for _ in 0..WORKERS {
            tasks.push(tokio::spawn(worker::work(Arc::clone(&shop), stopped.clone())));
        }
        Ok(Self { shop, address, directory, stop, tasks, _providers: providers })
    }

    /// Waits until no job is open; `false` when `limit` has passed first.
    pub async fn drain(&self, limit: Duration) -> sqlx::Result<bool> {
        let drained = async {
            while self.shop.db.open_jobs().await? > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        tokio::time::timeout(limit, drained).await.map_or(Ok(false), |drained| drained.map(|()| true))
    }

    /// Lets what is under way finish, then ends everything and removes the database.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            // One that has panicked is over as well.
            let _ = task.await;
        }
        self.shop.db.close().await;
        // What stays behind in the temporary directory does no harm.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

async fn serve(listener: TcpListener, shop: Arc<Shop>, user: JwtUser<Claims>, mut stopped: watch::Receiver<bool>) {
    let stopped = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    // axum's server ends only when it is told to.
    let _ = axum::serve(listener, web::router(shop, user)).with_graceful_shutdown(stopped).await;
}

fn temporary_directory() -> Result<PathBuf, StartError> {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let name = format!("booking-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
    let directory = std::env::temp_dir().join(name);
    let failed = |source| StartError::Directory { directory: directory.display().to_string(), source };
    std::fs::create_dir_all(&directory).map_err(failed)?;
    Ok(directory)
}
