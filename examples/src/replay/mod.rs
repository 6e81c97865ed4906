//! A day's requests, played against the service's real port.

mod day;
mod symbols;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::Value;

pub use day::{Day, InputError, Request};

use crate::auth::Keys;
use symbols::Symbols;

/// What the service answered.
#[derive(Debug, Default)]
pub struct Played {
    /// How many answers had each status.
    pub by_status: BTreeMap<u16, usize>,
    /// Answers that the day did not expect, in words.
    pub surprises: Vec<String>,
    /// How long it all took.
    pub took: Duration,
}

/// Plays one request after the other, as fast as they are answered.
///
/// # Errors
/// When the service cannot be reached. An answer that was not expected is no error.
pub async fn play(day: &Day, service: SocketAddr, keys: &Keys) -> reqwest::Result<Played> {
    let client = Client::new();
    let mut symbols = Symbols::new(keys);
    let mut played = Played::default();
    let begin = Instant::now();
    for request in &day.0 {
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or_default();
        let url = format!("http://{service}{}", symbols.expand(&request.path));
        let mut sent = client.request(method, url);
        for (name, value) in &request.headers {
            sent = sent.header(name, symbols.expand(value));
        }
        if let Some(body) = request.body(|text| symbols.expand(text)) {
            sent = sent.body(body);
        }
        let answer = sent.send().await?;
        let status = answer.status().as_u16();
        *played.by_status.entry(status).or_default() += 1;
        if request.expect.is_some_and(|expected| expected != status) {
            played.surprises.push(format!("{} {}: {status}", request.method, request.path));
        }
        let answer: Value = serde_json::from_slice(&answer.bytes().await?).unwrap_or_default();
        if let (Some(name), Some(id)) = (&request.name, answer["appointment_id"].as_i64()) {
            symbols.remember(name, id);
        }
    }
    played.took = begin.elapsed();
    Ok(played)
}

/// The token of a customer of the bundled day, for those who want to ask for themselves.
pub fn token(keys: &Keys) -> Option<String> {
    let symbol = "{token:c-1001,anna.schulz@post.example}";
    Some(Symbols::new(keys).expand(symbol)).filter(|token| token != symbol)
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: usize = self.by_status.values().sum();
        write!(f, "{total} requests in {:.1} s:", self.took.as_secs_f64())?;
        for (at, (status, count)) in self.by_status.iter().enumerate() {
            write!(f, "{} {count} x {status}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}
