//! From settings to the options of the SDK's client.

use std::sync::Arc;

use sentry_core::{Client, ClientOptions, Integration};

use super::{Config, Settings};

/// How many envelopes may wait for the transport. The SDK's own 30 lose most of a burst.
const CHANNEL_CAPACITY: usize = 1000;

impl Config {
    /// The options for programs that call `sentry::init` themselves, with everything of ours in them.
    ///
    /// Of the SDK's default integrations none is on: what they do is done here, but for the description of the
    /// machine and the list of loaded images, which a program adds to the options where it wants them.
    ///
    /// What [`Config::check`] would refuse is said on standard error here, and what the other sources say stands.
    pub fn client_options(&self) -> ClientOptions {
        if let Err(errors) = self.check() {
            eprintln!("[watchpost] {errors}");
        }
        Arc::new(self.settings()).client_options()
    }
}

impl Settings {
    pub(crate) fn client_options(self: Arc<Self>) -> ClientOptions {
        let mut options = ClientOptions::new()
            .debug(self.debug)
            .environment(self.environment.to_string())
            .maybe_release(self.release.clone())
            .sample_rate(self.sample_rate)
            .traces_sample_rate(self.traces_sample_rate)
            .max_breadcrumbs(self.max_breadcrumbs)
            .attach_stacktrace(self.attach_stacktrace)
            .send_default_pii(self.send_default_pii)
            .shutdown_timeout(self.shutdown_timeout)
            .transport_channel_capacity(CHANNEL_CAPACITY)
            .default_integrations(false);
        options.dsn = self.dsn.clone();
        options.server_name = self.server_name.clone().map(Into::into);
        options.http_proxy = self.proxies.http.clone().map(Into::into);
        options.https_proxy = self.proxies.https.clone().map(Into::into);
        options.before_send = self.hooks.before_send.clone();
        options.before_send_log = self.hooks.before_send_log.clone();
        options.before_send_metric = self.hooks.before_send_metric.clone();
        options.before_breadcrumb = self.hooks.before_breadcrumb.clone();
        // PLACE FOR DELIVERY: options.transport = Some(Arc::new(Delivery::new(Arc::clone(&self))));
        options.transport = self.extensions.transport.clone();
        // PLACE FOR THE ENGINE: Arc::new(crate::span::Instrumentation::default())
        options.integrations = vec![Arc::new(Installed { settings: Arc::clone(&self) })];
        options.integrations.extend(self.extensions.integrations.iter().cloned());
        options
    }
}

/// The settings, carried by the client that they belong to.
#[derive(Debug)]
pub(crate) struct Installed {
    settings: Arc<Settings>,
}

impl Installed {
    /// The settings of a client that was made from ours.
    pub(crate) fn of(client: &Client) -> Option<Arc<Settings>> {
        let integrations = client.options().integrations.iter();
        integrations
            .map(|one| one.as_ref().as_any())
            .find_map(|one| Some(Arc::clone(&one.downcast_ref::<Self>()?.settings)))
    }
}

impl Integration for Installed {
    fn name(&self) -> &'static str {
        "watchpost"
    }
}
