//! What the service talks to: three small HTTP services and a mail server on loopback, which fail as real ones do.

mod calendar;
mod mail;
mod payment;
mod sms;
mod smtp;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// All four. Dropping this ends them.
#[derive(Debug)]
pub struct Providers {
    pub payments: Running,
    pub calendars: Running,
    pub mail: Running,
    pub sms: Running,
}

/// One of them at work.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Providers {
    pub async fn start() -> io::Result<Self> {
        Ok(Self {
            payments: Running::http(payment::router()).await?,
            calendars: Running::http(calendar::router()).await?,
            mail: Running::start(|listener| smtp::serve(listener, mail::Domains::default())).await?,
            sms: Running::http(sms::router()).await?,
        })
    }
}

impl Running {
    async fn http(router: Router) -> io::Result<Self> {
        Self::start(|listener| async {
            // axum's server ends only when its task does.
            let _ = axum::serve(listener, router).await;
        })
        .await
    }

    async fn start<F>(serve: impl FnOnce(TcpListener) -> F) -> io::Result<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(serve(listener)) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Of a service that speaks HTTP.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
