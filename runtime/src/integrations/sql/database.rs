//! Which database a statement goes to.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{SpanBuilder, ToValue, set_tag};

/// What is told of a database: its kind, its name and where it is, by Sentry's attribute names. Cheap to clone.
///
/// ```
/// use watchpost::sql::Database;
///
/// let shop = Database::new("postgresql").namespace("shop").server("db.internal", 5432);
/// watchpost::sql::statement("SELECT name FROM barbers").database(&shop).run(|| Ok::<_, std::fmt::Error>(3)).unwrap();
/// ```
#[derive(Debug, Clone, Default)]
pub struct Database(Arc<Told>);

#[derive(Debug, Clone, Default)]
struct Told {
    system: Cow<'static, str>,
    namespace: Option<String>,
    address: Option<String>,
    port: Option<u16>,
}

impl Database {
    /// A database of this kind: `postgresql`, `mysql`, `mariadb`, `sqlite` .. (`db.system.name`).
    pub fn new(system: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Told { system: system.into(), ..Told::default() }))
    }

    /// Its name on the server (`db.namespace`).
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).namespace = Some(namespace.into());
        self
    }

    /// Where its server is (`server.address`, `server.port`).
    #[must_use]
    pub fn server(mut self, address: impl Into<String>, port: impl Into<Option<u16>>) -> Self {
        let told = Arc::make_mut(&mut self.0);
        (told.address, told.port) = (Some(address.into()), port.into());
        self
    }

    /// The kind of database.
    pub fn system(&self) -> &str {
        &self.0.system
    }

    /// The span, with what is told of the database.
    pub fn tell(&self, span: SpanBuilder) -> SpanBuilder {
        let mut fields = Vec::new();
        self.each(|key, value| fields.push((key, value.to_value())));
        fields.into_iter().fold(span, |span, (key, value)| span.field(key, value))
    }

    pub(super) fn each(&self, mut field: impl FnMut(&'static str, &dyn ToValue)) {
        let Told { system, namespace, address, port } = &*self.0;
        if !system.is_empty() {
            field("db.system.name", system);
        }
        if let Some(namespace) = namespace {
            field("db.namespace", namespace);
        }
        if let Some(address) = address {
            field("server.address", address);
        }
        if let Some(port) = port {
            field("server.port", port);
        }
    }

    /// Attributes of its metrics.
    #[cfg(feature = "metrics")]
    pub fn attributes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Told { system, namespace, .. } = &*self.0;
        let system = Some(("db.system.name", &**system)).filter(|(_, system)| !system.is_empty());
        system.into_iter().chain(namespace.as_deref().map(|namespace| ("db.namespace", namespace)))
    }

    /// What events are searched by.
    pub(super) fn tag(&self) {
        if !self.0.system.is_empty() {
            set_tag("db.system.name", self.system());
        }
        if let Some(namespace) = &self.0.namespace {
            set_tag("db.namespace", namespace);
        }
    }
}
