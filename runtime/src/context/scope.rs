//! The verbs: who the user is, what the events of this scope are about, and for how long.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sentry_core::{Breadcrumb, Hub, Scope, protocol};

use super::fields::SetTags;
use super::text::text;
use super::{IntoContext, SentryUser, UserFields, limits};

/// Whether a client is there to hear of anything.
fn listened_to() -> bool {
    Hub::with_active(|_| true)
}

/// Writes to the current scope: the one way by which the verbs do.
fn write(f: impl FnOnce(&mut Scope)) {
    crate::span::write_scope(f);
}

/// Says who the user is, on the current scope: what is captured from now on is theirs.
///
/// The user before is gone whole, and so are those of their tags that this one has a word for. `&None` takes the user off.
///
/// ```
/// use watchpost::SentryUser;
///
/// #[derive(SentryUser)]
/// struct Claims {
///     #[user(id)]
///     sub: String,
///     #[user(email)]
///     email: Option<String>,
///     #[user(tag)]
///     role: &'static str,
///     location_id: u32,
/// }
/// watchpost::set_user(&Claims { sub: "17".into(), email: None, role: "barber", location_id: 3 });
/// ```
pub fn set_user(user: &impl SentryUser) {
    if !listened_to() {
        return;
    }
    // Told before the scope is locked: the user's own code may itself capture something.
    let (user, tags) = UserFields::of(user).into_parts();
    write(|scope| {
        scope.set_user(user);
        set_tags(scope, tags);
    });
}

/// Adds a context, with its tags, to the current scope: what is captured from now on carries it.
///
/// Takes a reference to a [`SentryContext`](crate::SentryContext), or a name with its fields; see [`IntoContext`]. A context
/// of the same name is replaced whole. Names and keys given at run time are held to Sentry's limits: what cannot be sent as
/// it is, is cut or renamed, told in debug output and counted.
///
/// ```
/// use watchpost::{SentryContext, ToValue};
///
/// #[derive(SentryContext)]
/// struct BookingContext<'a> {
///     appointment_id: u64,
///     #[context(tag)]
///     service: &'a str,
/// }
/// watchpost::add_context(&BookingContext { appointment_id: 17, service: "haircut" });
///
/// watchpost::add_context(("booking", [("service", "haircut"), ("channel", "web")]));
/// watchpost::add_context(("booking", [("appointment_id", &17 as &dyn ToValue), ("service", &"haircut")]));
/// ```
pub fn add_context(context: impl IntoContext) {
    if !listened_to() {
        return;
    }
    let (name, fields) = context.into_context();
    let Some(name) = limits::context_name(name) else { return };
    let (fields, tags) = fields.into_parts();
    write(|scope| {
        scope.set_context(&name, protocol::Context::Other(fields));
        set_tags(scope, tags);
    });
}

/// Sets one tag on the current scope: what is captured from now on can be searched by it.
///
/// The key is at most 200 of `[a-zA-Z0-9_.:-]`, better at most 32; the value is one line of at most 200 characters. Anything
/// else is cut or replaced, told in debug output and counted. An empty value takes the tag off.
pub fn set_tag(key: &str, value: impl Display) {
    if !listened_to() {
        return;
    }
    let Some(key) = limits::tag_key(key.to_owned()) else { return };
    let value = limits::tag_value(text(format_args!("{value}")));
    write(|scope| set_tags(scope, vec![(key, Some(value))]));
}

fn set_tags(scope: &mut Scope, tags: SetTags) {
    for (key, value) in tags {
        match value {
            Some(value) if !value.trim().is_empty() => scope.set_tag(&key, value),
            _ => scope.remove_tag(&key),
        }
    }
}

/// Leaves a breadcrumb on the current scope: what happened before an event, told with it. The function runs only where a client listens.
///
/// A scope keeps the last 100 (`SENTRY_MAX_BREADCRUMBS`). Nothing may stand in it that may not leave: a statement without its
/// literals, a key without its values.
///
/// ```
/// use watchpost::Breadcrumb;
///
/// watchpost::add_breadcrumb(|| Breadcrumb {
///     category: Some("booking".into()),
///     message: Some("the slot was free".into()),
///     ..Breadcrumb::default()
/// });
/// ```
pub fn add_breadcrumb(crumb: impl FnOnce() -> Breadcrumb) {
    if listened_to() {
        crate::span::written_hub().add_breadcrumb(crumb);
    }
}

/// Runs `f` in a scope of its own: users, contexts and tags set inside are gone after it.
///
/// For code that awaits there is [`ScopeExt::with_scope`].
///
/// ```
/// watchpost::with_scope(|| {
///     watchpost::set_tag("payment_method", "stripe");
///     // process_payment()
/// });
/// ```
pub fn with_scope<R>(f: impl FnOnce() -> R) -> R {
    if !listened_to() {
        return f();
    }
    // Whatever holds back its own scope until somebody writes makes it now, below the one that is taken off again.
    write(|_| ());
    let hub = Hub::current();
    let _guard = hub.push_scope();
    f()
}

/// Gives a future a scope of its own.
pub trait ScopeExt: Future + Sized {
    /// Runs the future in a scope of its own, forked from the current one at its first poll: users, contexts and tags set
    /// inside stay inside, on whichever thread it is polled, and what other tasks set does not come in.
    ///
    /// ```
    /// use watchpost::ScopeExt;
    ///
    /// # async fn process_payment() {}
    /// # async fn pay() {
    /// async {
    ///     watchpost::set_tag("payment_method", "stripe");
    ///     process_payment().await;
    /// }
    /// .with_scope()
    /// .await;
    /// # }
    /// ```
    fn with_scope(self) -> Scoped<Self> {
        Scoped { future: Some(self), hub: None, polled: false }
    }
}

impl<F: Future> ScopeExt for F {}

pin_project_lite::pin_project! {
    /// A future in a scope of its own; see [`ScopeExt::with_scope`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Scoped<F> {
        // `None` only while it is dropped.
        #[pin]
        future: Option<F>,
        hub: Option<Arc<Hub>>,
        polled: bool,
    }

    impl<F> PinnedDrop for Scoped<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // What the future's own values capture as they go belongs to its scope too.
            if let Some(hub) = this.hub.take() {
                Hub::run(hub, || this.future.set(None));
            }
        }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(future) = this.future.as_pin_mut() else { return Poll::Pending };
        if !*this.polled {
            *this.polled = true;
            *this.hub = listened_to().then(|| Arc::new(Hub::new_from_top(Hub::current())));
        }
        match this.hub {
            Some(hub) => Hub::run(hub.clone(), || future.poll(cx)),
            None => future.poll(cx),
        }
    }
}
