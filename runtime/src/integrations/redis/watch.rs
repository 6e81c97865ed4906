//! One call to the server: its span, and what is told of it afterwards.

use std::future::Future;
use std::time::{Duration, Instant};

use redis::{RedisError, RedisResult};
use sentry_core::Hub;

use super::Settings;
use super::command::{Command, Kind};
use super::failure::Failure;
use super::reply::{Found, Reply, wrote};
use crate::capture::{Pace, capture_notice};
use crate::{
    Breadcrumb, Level, SpanBuilder, SpanStatus, ToValue, add_breadcrumb, add_context, capture_error, current_span,
    set_tag, span, with_scope,
};

/// Who makes the spans.
const ORIGIN: &str = "auto.db.redis";

/// The category of what is told of failed and slow commands.
const CATEGORY: &str = "cache";

/// How many commands of a pipeline are named.
const NAMED: usize = 10;

/// What is sent to the server at once.
pub(super) enum Call<'a> {
    One(Command<'a>),
    Pipeline { commands: Vec<Command<'a>>, atomic: bool },
}

impl Call<'_> {
    /// A pipeline is not waited in, but for `WAIT`.
    fn waits(&self) -> bool {
        match self {
            Self::One(command) => command.waits(),
            Self::Pipeline { commands, .. } => commands.iter().any(Command::waits),
        }
    }
}

/// Awaits a call in its span, for a client that is there.
pub(super) async fn watch<'a, R: Reply>(
    settings: &Settings,
    db: i64,
    call: impl Fn() -> Call<'a>,
    reply: impl Future<Output = RedisResult<R>>,
) -> RedisResult<R> {
    let begun = Instant::now();
    if !span::is_wanted() {
        let result = reply.await;
        settings.tell(begun.elapsed(), &result, call);
        return result;
    }
    let call = call();
    settings
        .span(&call, db)
        .instrument(async {
            let result = reply.await;
            settings.record(&call, &result);
            settings.tell(begun.elapsed(), &result, || call);
            result
        })
        .await
}

/// As [`watch`], for a connection that blocks.
pub(super) fn watch_blocking<'a, R: Reply>(
    settings: &Settings,
    db: i64,
    call: impl Fn() -> Call<'a>,
    reply: impl FnOnce() -> RedisResult<R>,
) -> RedisResult<R> {
    if !is_listened_to() {
        return reply();
    }
    let begun = Instant::now();
    if !span::is_wanted() {
        let result = reply();
        settings.tell(begun.elapsed(), &result, call);
        return result;
    }
    let call = call();
    settings.span(&call, db).run(|| {
        let result = reply();
        settings.record(&call, &result);
        settings.tell(begun.elapsed(), &result, || call);
        result
    })
}

pub(super) fn is_listened_to() -> bool {
    Hub::with_active(|_| true)
}

impl Settings {
    /// The span of a call, with what is known before the reply.
    fn span(&self, call: &Call<'_>, db: i64) -> SpanBuilder {
        let kind = self.kind(call);
        let builder = match call {
            Call::One(command) => {
                let keys = self.template.of_all(&command.keys());
                let name = match kind {
                    _ if keys.is_empty() => command.name.clone(),
                    Kind::Other => format!("{} {}", command.name, keys.join(" ")),
                    _ => keys.join(", "),
                };
                let builder = span(kind.op(), name).field("db.operation.name", &command.name);
                match kind {
                    Kind::Other => builder.field("db.redis.key", keys.first()),
                    _ => builder
                        .field("cache.key", (!keys.is_empty()).then_some(keys))
                        .field("cache.operation", kind.operation())
                        .field("cache.ttl", command.ttl())
                        .field("cache.item_size", command.written()),
                }
            }
            Call::Pipeline { commands, atomic } => span(kind.op(), self.name(call))
                .field("db.operation.name", if *atomic { "MULTI" } else { "PIPELINE" })
                .field("db.operation.batch.size", commands.len()),
        };
        let (address, port) = self.peer.as_ref().map(|(address, port)| (address, *port)).unzip();
        builder
            .only_as_child()
            .origin(ORIGIN)
            .field("db.system.name", "redis")
            .field("db.namespace", db.to_string())
            .field("network.peer.address", address)
            .field("network.peer.port", port.flatten())
    }

    /// What a call is: of a cache only if its keys are.
    fn kind(&self, call: &Call<'_>) -> Kind {
        let Call::One(command) = call else { return Kind::Other };
        let is_cached = |key: &[u8]| self.prefixes.iter().any(|prefix| key.starts_with(prefix.as_bytes()));
        match command.kind() {
            Kind::Flush => Kind::Flush,
            kind if self.prefixes.is_empty() || command.keys().into_iter().all(is_cached) => kind,
            _ => Kind::Other,
        }
    }

    /// The call in a few words that many calls share.
    fn name(&self, call: &Call<'_>) -> String {
        match call {
            Call::One(command) => {
                let keys = self.template.of_all(&command.keys());
                [vec![command.name.clone()], keys].concat().join(" ")
            }
            Call::Pipeline { commands, atomic } => {
                let mut words = vec![if *atomic { "MULTI" } else { "PIPELINE" }];
                words.extend(commands.iter().take(NAMED).map(|command| command.name.as_str()));
                if commands.len() > NAMED {
                    words.push("..");
                }
                words.join(" ")
            }
        }
    }

    /// Says on the call's span what its reply says.
    fn record<R: Reply>(&self, call: &Call<'_>, result: &RedisResult<R>) {
        let span = current_span();
        let reply = match result {
            Ok(reply) => reply,
            Err(_) => return,
        };
        if reply.is_aborted() {
            span.set_status(SpanStatus::Aborted);
        }
        let (Call::One(command), Some(value)) = (call, reply.single()) else { return };
        match self.kind(call) {
            Kind::Get => {
                let Some(found) = Found::of(command, value) else { return };
                span.set_field("cache.hit", found.is_hit());
                span.set_field("cache.item_size", found.size.filter(|_| found.found > 0));
                if found.requested > 1 {
                    span.set_field("redis.keys.requested", found.requested);
                    span.set_field("redis.keys.found", found.found);
                }
            }
            Kind::Put => span.set_field("cache.write", wrote(command, value)),
            _ => {}
        }
    }

    /// Tells of a call that failed or was slow; nothing of any other.
    fn tell<'a, R: Reply>(&self, took: Duration, result: &RedisResult<R>, call: impl FnOnce() -> Call<'a>) {
        let failure = match result {
            Ok(reply) => reply.error().map(Failure::of_server),
            Err(error) => Some(Failure::of(error)),
        };
        let slow = self.slow_after.filter(|limit| took >= *limit);
        if failure.is_none() && slow.is_none() {
            return;
        }
        let call = call();
        let (name, kind) = (self.name(&call), self.kind(&call));
        if let Some(failure) = failure {
            self.tell_failure(&name, took, &failure, result);
        }
        if let Some(limit) = slow.filter(|_| !call.waits()) {
            if span::is_wanted() {
                current_span().set_field("slow", true);
            }
            leave_crumb(format!("{name} was slow"), took, None);
            tell_slow(&name, kind, took, limit);
        }
    }

    fn tell_failure<R: Reply>(&self, name: &str, took: Duration, failure: &Failure, result: &RedisResult<R>) {
        if span::is_wanted() {
            let span = current_span();
            span.set_status(failure.status);
            span.set_field("error.type", &failure.code);
            span.set_field("db.response.status_code", failure.by_server.then_some(&failure.code));
        }
        leave_crumb(format!("{name} failed"), took, Some(&failure.code));
        if !self.report {
            return;
        }
        let report = |error: &RedisError| {
            let report = capture_error(error).category(CATEGORY).returned();
            report.tag("redis.code", &failure.code).field("operation", name).send();
        };
        match result {
            Err(error) => report(error),
            // What the caller is about to be given, or an error that has it in its text.
            Ok(reply) => {
                if let Some(error) = reply.error() {
                    report(&RedisError::from(error.clone()));
                }
            }
        }
    }
}

fn leave_crumb(message: String, took: Duration, code: Option<&str>) {
    add_breadcrumb(|| {
        let mut crumb = Breadcrumb {
            category: Some(CATEGORY.into()),
            message: Some(message),
            level: Level::Warning,
            ..Breadcrumb::default()
        };
        crumb.data.insert("duration_ms".into(), took.to_value());
        crumb.data.extend(code.map(|code| ("code".to_owned(), code.into())));
        crumb
    });
}

/// Commands that are slow are told of once a minute.
static TOLD: Pace = Pace::once_in(Duration::from_secs(60));

fn tell_slow(name: &str, kind: Kind, took: Duration, limit: Duration) {
    if !TOLD.admits(name) {
        return;
    }
    with_scope(|| {
        set_tag("error.category", CATEGORY);
        add_context((
            "slow_operation",
            [("name", &name as &dyn ToValue), ("op", &kind.op()), ("duration_ms", &took), ("threshold_ms", &limit)],
        ));
        capture_notice(&format!("Slow cache operation: {name}"), Level::Warning);
    });
}
