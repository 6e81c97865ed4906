//! Calls to providers.

use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tracing::warn;
use watchpost::Classify;
use watchpost::reqwest::{InvalidTarget, Middleware, RequestBuilderExt};

/// One provider, and how to reach it.
#[derive(Debug, Clone)]
pub struct Provider {
    name: &'static str,
    base: String,
    client: Client,
    monitored: Middleware,
}

/// How long a provider may take to answer.
const LIMIT: Duration = Duration::from_secs(1);

/// From when on that is worth a line in the log.
const SLOW: Duration = Duration::from_millis(500);

/// Why a provider was of no use. Who calls knows the category.
#[derive(Debug, thiserror::Error, Classify)]
pub enum ProviderError {
    #[error("{provider} did not answer within {} ms", LIMIT.as_millis())]
    #[classify(status = "deadline_exceeded", http = 504, retry = "later")]
    Timeout { provider: &'static str },
    #[error("{provider} cannot be reached")]
    #[classify(status = "unavailable", http = 502, retry = "later")]
    Unreachable {
        provider: &'static str,
        #[source]
        source: reqwest::Error,
    },
    #[error("{provider} is out of order: status {status}")]
    #[classify(status = "unavailable", http = 502, retry = "later")]
    OutOfOrder { provider: &'static str, status: u16 },
    #[error("{provider} refused: {message} ({code})")]
    #[classify(status = "failed_precondition", http = 502)]
    Refused { provider: &'static str, status: u16, code: String, message: String },
    #[error("{provider} answered something else than was agreed")]
    #[classify(status = "data_loss", http = 502, retry = "later")]
    Malformed {
        provider: &'static str,
        #[source]
        source: serde_json::Error,
    },
}

impl ProviderError {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Timeout { .. } => "timeout",
            Self::Unreachable { .. } => "unreachable",
            Self::OutOfOrder { .. } => "out of order",
            Self::Refused { .. } => "refused",
            Self::Malformed { .. } => "malformed",
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: String,
    message: String,
}

impl Provider {
    /// The provider is one of ours: its part of a trace belongs to it, so it is told of the trace.
    pub fn new(name: &'static str, base: String) -> Result<Self, InvalidTarget> {
        let monitored = Middleware::new().propagate_to(&base)?;
        Ok(Self { name, base, client: Client::new(), monitored })
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ProviderError> {
        self.send(Method::POST, path, body).await
    }

    pub async fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ProviderError> {
        self.send(Method::PUT, path, body).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ProviderError> {
        let provider = self.name;
        let request = self.client.request(method, format!("{}{path}", self.base)).json(body).timeout(LIMIT);
        let exchange = async {
            let response = request.send_monitored_by(&self.monitored).await?;
            Ok((response.status().as_u16(), response.bytes().await?))
        };
        let begin = Instant::now();
        let exchanged = exchange.await;
        let took = begin.elapsed();
        if took >= SLOW {
            warn!(provider, took_ms = took.as_millis(), "slow provider");
        }
        let (status, answer) = exchanged.map_err(|source: reqwest::Error| match source.is_timeout() {
            true => ProviderError::Timeout { provider },
            false => ProviderError::Unreachable { provider, source },
        })?;
        match status {
            200..300 => serde_json::from_slice(&answer).map_err(|source| ProviderError::Malformed { provider, source }),
            400..500 => {
                let Refusal { code, message } = serde_json::from_slice(&answer).unwrap_or_default();
                Err(ProviderError::Refused { provider, status, code, message })
            }
            _ => Err(ProviderError::OutOfOrder { provider, status }),
        }
    }
}
