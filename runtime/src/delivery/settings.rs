//! What a delivery is told when it is made.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use sentry_core::TransportFactory;

use super::hooks::Hooks;
#[cfg(feature = "transport")]
use super::store::Store;
use super::worker::Observer;
use crate::redact::Redactor;

/// A DSN for a client that sends nowhere: with [`Destination::Nowhere`], for Spotlight or a console alone.
pub const LOCAL_DSN: &str = "http://local@localhost/0";

/// How envelopes leave. Fields may be added: end a literal with `..Settings::default()`.
#[derive(Clone)]
pub struct Settings {
    /// The program's hooks.
    pub hooks: Hooks,
    /// What is secret. It is applied to everything.
    pub redactor: Redactor,
    /// Envelopes that may wait, where the client's `transport_channel_capacity` says nothing. 1000 unless set.
    pub capacity: NonZeroUsize,
    /// Where they go.
    pub destination: Destination,
    /// The address of a Spotlight that gets a copy of each envelope. None unless set; it needs the feature `transport`.
    pub spotlight: Option<String>,
    /// Where what cannot be delivered is kept, with [`Destination::Server`]. None unless set.
    #[cfg(feature = "transport")]
    pub store: Option<Store>,
    /// Who sees each envelope, typed and redacted, on the delivery's thread before it leaves.
    pub observers: Vec<Observer>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hooks: Hooks::default(),
            redactor: Redactor::default(),
            capacity: const { NonZeroUsize::new(1000).unwrap() },
            destination: Destination::default(),
            spotlight: None,
            #[cfg(feature = "transport")]
            store: None,
            observers: Vec::new(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("hooks", &self.hooks)
            .field("capacity", &self.capacity)
            .field("destination", &self.destination)
            .field("spotlight", &self.spotlight)
            .field("observers", &self.observers.len())
            .finish_non_exhaustive()
    }
}

/// Where envelopes go.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Destination {
    /// The DSN's server, over HTTP. Without the feature `transport` this is [`Self::Nowhere`].
    #[default]
    Server,
    /// A transport of the program's own. Transactions and check-ins reach it as raw envelopes, with all that was added to
    /// them; the rate limits by category and the loss reports of the SDK's transports do not see into those.
    Transport(Arc<dyn TransportFactory>),
    /// The same, with every envelope typed, for transports that read them: nothing is added that the SDK has no type for.
    Typed(Arc<dyn TransportFactory>),
    /// Nowhere but to observers and Spotlight.
    Nowhere,
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "Server",
            Self::Transport(_) => "Transport",
            Self::Typed(_) => "Typed",
            Self::Nowhere => "Nowhere",
        })
    }
}
