//! Events that wait for the end of a task's attempt: with a retry ahead they are breadcrumbs, else they are sent.

use std::sync::Arc;

use sentry_core::protocol::Event;
use sentry_core::{Breadcrumb, Client, Level};

use super::reporter::suppress;

/// How many events wait at most; later ones are let go.
const MOST: usize = 10;

/// Events as they were at the time of their capture: with the scope, the trace and the breadcrumbs of that time.
#[derive(Debug, Default)]
pub(crate) struct Held {
    events: Vec<(Waiting, Event<'static>)>,
    /// How many came when there was no more room.
    let_go: u64,
}

struct Waiting(Arc<Client>);
impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Held {
    pub(super) fn push(&mut self, client: Arc<Client>, event: Event<'static>) {
        // The first ones tell most of what went wrong.
        if self.events.len() < MOST {
            self.events.push((Waiting(client), event));
        } else {
            self.let_go += 1;
        }
    }

    /// There is no other attempt: everything goes out.
    pub(crate) fn send(self) {
        if let Some((Waiting(client), _)) = self.events.first() {
            suppress(client, self.let_go);
        }
        for (Waiting(client), event) in self.events {
            client.send_envelope(event.into());
        }
    }

    /// There is another attempt: nothing is an event, and this is what there is to tell.
    pub(crate) fn into_breadcrumbs(self) -> impl Iterator<Item = Breadcrumb> {
        self.events.into_iter().map(|(_, event)| {
            let exception = event.exception.values.last();
            let title = exception.map(|exception| match &exception.value {
                Some(value) => format!("{}: {value}", exception.ty),
                None => exception.ty.clone(),
            });
            Breadcrumb {
                timestamp: event.timestamp,
                ty: "error".into(),
                category: Some("task".into()),
                level: if event.level == Level::Fatal { Level::Fatal } else { Level::Warning },
                message: title.or(event.message),
                ..Breadcrumb::default()
            }
        })
    }
}
