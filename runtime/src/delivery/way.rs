//! The way out that the settings ask for.

use std::sync::Arc;

use sentry_core::{Transport, TransportOptions};

use super::carrier::Carrier;
use super::counts::Counters;
#[cfg(feature = "transport")]
use super::http::Http;
use super::settings::{Destination, Settings};
#[cfg(feature = "transport")]
use super::store::{self, Keep, Store};

/// Who takes envelopes away, and what of it the desk has to wait for.
pub(super) struct Way {
    pub(super) carrier: Carrier,
    #[cfg(feature = "transport")]
    pub(super) store: Option<Arc<dyn Keep>>,
    pub(super) inner: Option<Arc<dyn Transport>>,
}

impl Way {
    pub(super) fn new(settings: &Settings, counters: &Arc<Counters>, options: TransportOptions) -> Self {
        let destination = &settings.destination;
        let (carrier, inner) = match destination {
            #[cfg(feature = "transport")]
            Destination::Server => return Self::to_server(settings.store.as_ref(), counters, &options),
            Destination::Transport(factory) | Destination::Typed(factory) => {
                let inner = factory.create_transport_with_options(options);
                let typed = matches!(destination, Destination::Typed(_));
                (Carrier::Transport { inner: Arc::clone(&inner), typed }, Some(inner))
            }
            _ => (Carrier::Nobody, None),
        };
        let _ = counters;
        Self {
            carrier,
            #[cfg(feature = "transport")]
            store: None,
            inner,
        }
    }

    #[cfg(feature = "transport")]
    fn to_server(store: Option<&Store>, counters: &Arc<Counters>, options: &TransportOptions) -> Self {
        let http = Http::server(options);
        let Some(store) = store else {
            return Self { carrier: Carrier::Server(http, Box::default()), store: None, inner: None };
        };
        let dsn = &options.dsn;
        let way = Box::new(store::Way {
            http,
            counters: Arc::clone(counters),
            recorder: options.client_report_recorder.clone(),
            account: format!("{}@{}:{}{}{}", dsn.public_key(), dsn.host(), dsn.port(), dsn.path(), dsn.project_id()),
        });
        match store.0.open(way) {
            Ok(keep) => Self { carrier: Carrier::Store(Arc::clone(&keep)), store: Some(keep), inner: None },
            Err((error, way)) => {
                // Said whatever `debug` is: the program asked for its events to be kept, and they are not.
                eprintln!("[watchpost] what cannot be delivered is not kept: {store:?}: {error}");
                Self { carrier: Carrier::Server(way.http, Box::default()), store: None, inner: None }
            }
        }
    }
}
