//! What the service talks to: four small HTTP services on loopback, which fail as real ones do.

mod calendar;
mod mail;
mod payment;
mod sms;

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
            payments: Running::start(payment::router()).await?,
            calendars: Running::start(calendar::router()).await?,
            mail: Running::start(mail::router()).await?,
            sms: Running::start(sms::router()).await?,
        })
    }
}

impl Running {
    async fn start(router: Router) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // axum's server ends only when its task does.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, task })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
