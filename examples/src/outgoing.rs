//! Calls to providers.

use std::time::Duration;

use reqwest::{Client, Method};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use watchpost::{Classify, TraceHeaders, current_span};

/// One provider, and how to reach it.
#[derive(Debug, Clone)]
pub struct Provider {
    name: &'static str,
    base: String,
    client: Client,
}

/// How long a provider may take to answer.
const LIMIT: Duration = Duration::from_millis(300);

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
    pub fn new(name: &'static str, base: String) -> Self {
        Self { name, base, client: Client::new() }
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
        let url = format!("{}{path}", self.base);
        let call = watchpost::span("http.client", format!("{method} {url}"));
        let request = self.client.request(method, url).json(body).timeout(LIMIT);
        let (status, answer) =
            call.instrument(exchange(request)).await.map_err(|source| match source.is_timeout() {
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

/// One call over the wire, a span with it. `watchpost::reqwest` does this and more.
async fn exchange(mut request: reqwest::RequestBuilder) -> reqwest::Result<(u16, Vec<u8>)> {
    for (name, value) in TraceHeaders::current().iter() {
        request = request.header(name, value);
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    current_span().set_field("http.response.status_code", status);
    Ok((status, response.bytes().await?.to_vec()))
}
