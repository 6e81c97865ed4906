//! Error events, and what they share with transactions: contexts, user, request.

use sentry_core::protocol::{
    Breadcrumb, Context, Event, Exception, Frame, Map, Mechanism, Request, Stacktrace, TemplateInfo, Thread, User,
    Value,
};

use super::{Form, Redactor, Walk};
use crate::redact::cover::is_covered;
use crate::redact::keys::Kind;

impl Redactor {
    /// An error event, in place. Returns the number of values redacted.
    pub fn event(&self, event: &mut Event<'static>) -> u64 {
        self.walk(|walk| walk.event(event))
    }
}

impl Walk<'_> {
    fn event(&mut self, event: &mut Event<'static>) {
        #[rustfmt::skip]
        let Event {
            fingerprint, culprit, transaction, message, logentry, logger, server_name, dist, environment, user, request, contexts,
            breadcrumbs, exception, stacktrace, template, threads, tags, extra,
            event_id: _, level: _, modules: _, platform: _, timestamp: _, release: _, debug_meta: _, sdk: _,
        } = event;
        if fingerprint.iter().any(|part| self.plain(part).1 > 0) {
            fingerprint.to_mut().iter_mut().for_each(|part| self.cow(part));
        }
        self.texts([culprit, transaction, logger].into_iter().flatten());
        message.iter_mut().for_each(|message| self.text(message));
        [server_name, dist, environment].into_iter().flatten().for_each(|text| self.cow(text));
        if let Some(entry) = logentry {
            self.text(&mut entry.message);
            entry.params.iter_mut().for_each(|param| self.value("", param, super::DEEPEST));
        }
        breadcrumbs.iter_mut().for_each(|breadcrumb| self.breadcrumb(breadcrumb));
        exception.iter_mut().for_each(|exception| self.exception(exception));
        threads.iter_mut().for_each(|thread| self.thread(thread));
        self.stacktraces([stacktrace]);
        if let Some(TemplateInfo { pre_context, context_line, post_context, .. }) = template {
            self.texts(pre_context.iter_mut().chain(context_line).chain(post_context));
        }
        self.context_of(contexts, user, request);
        self.strings(tags);
        self.map(extra);
    }

    pub(super) fn context_of(
        &mut self,
        contexts: &mut Map<String, Context>,
        user: &mut Option<User>,
        request: &mut Option<Request>,
    ) {
        contexts.values_mut().for_each(|context| self.context(context));
        self.rename_keys(contexts);
        if let Some(user) = user {
            self.user(user);
        }
        if let Some(request) = request {
            self.request(request);
        }
    }

    fn breadcrumb(&mut self, Breadcrumb { category, message, data, ty, .. }: &mut Breadcrumb) {
        let holds_statement = |name: &str| name == "query" || super::performance::is_sql(name);
        let is_statement = category.as_deref().is_some_and(holds_statement) || ty == "query";
        if let Some(message) = message {
            if is_statement { self.text_as(&Form::Sql, message) } else { self.text(message) }
        }
        self.texts(category);
        self.map(data);
    }

    fn exception(&mut self, exception: &mut Exception) {
        let Exception { ty, value, module: _, stacktrace, raw_stacktrace, thread_id: _, mechanism } = exception;
        self.text(ty);
        value.iter_mut().for_each(|value| self.text(value));
        self.stacktraces([stacktrace, raw_stacktrace]);
        if let Some(Mechanism { description, data, help_link: _, ty: _, handled: _, synthetic: _, meta: _ }) = mechanism
        {
            self.texts(description);
            self.map(data);
        }
    }

    fn thread(&mut self, Thread { name, stacktrace, raw_stacktrace, .. }: &mut Thread) {
        self.texts(name);
        self.stacktraces([stacktrace, raw_stacktrace]);
    }

    fn stacktraces<const N: usize>(&mut self, stacktraces: [&mut Option<Stacktrace>; N]) {
        for frame in stacktraces.into_iter().flatten().flat_map(|stacktrace| &mut stacktrace.frames) {
            // Names, files and addresses are the program's own.
            let Frame { pre_context, context_line, post_context, vars, .. } = frame;
            self.texts(pre_context.iter_mut().chain(context_line).chain(post_context));
            self.map(vars);
        }
    }

    fn context(&mut self, context: &mut Context) {
        match context {
            Context::Device(device) => {
                self.texts([&mut device.name, &mut device.family, &mut device.model].into_iter().flatten());
                self.map(&mut device.other);
            }
            Context::Os(os) => {
                self.texts(
                    [&mut os.name, &mut os.version, &mut os.build, &mut os.kernel_version].into_iter().flatten(),
                );
                self.map(&mut os.other);
            }
            Context::Runtime(runtime) => {
                self.texts([&mut runtime.name, &mut runtime.version].into_iter().flatten());
                self.map(&mut runtime.other);
            }
            Context::App(app) => {
                let texts = [&mut app.app_identifier, &mut app.app_name, &mut app.build_type, &mut app.device_app_hash];
                self.texts(texts.into_iter().flatten());
                self.map(&mut app.other);
            }
            Context::Browser(browser) => {
                self.texts([&mut browser.name, &mut browser.version].into_iter().flatten());
                self.map(&mut browser.other);
            }
            Context::Gpu(gpu) => {
                self.text(&mut gpu.name);
                self.map(&mut gpu.other);
            }
            Context::Otel(otel) => {
                self.map(&mut otel.attributes);
                self.map(&mut otel.resource);
                self.map(&mut otel.other);
            }
            Context::Trace(trace) => {
                self.span_text(trace.op.as_deref(), &mut trace.description, &mut trace.data);
                self.texts([&mut trace.op, &mut trace.origin].into_iter().flatten());
            }
            Context::Response(response) => {
                self.cookies(&mut response.cookies);
                self.strings(&mut response.headers);
                if let Some(data) = &mut response.data {
                    self.value("", data, super::DEEPEST);
                }
            }
            Context::Other(map) => self.map(map),
            // A kind that is not known here cannot be looked through, so it does not leave.
            unknown => {
                *unknown = Context::Other(Map::new());
                self.count += 1;
            }
        }
    }

    fn user(&mut self, User { id, email, ip_address, username, other }: &mut User) {
        if let Some(id) = id {
            self.identity(id);
        }
        [email, username].into_iter().flatten().for_each(|text| self.personal(text));
        if !self.redactor.sends_pii() && ip_address.take().is_some() {
            self.count += 1;
        }
        for (key, value) in other.iter_mut() {
            match (self.redactor.kind(key), &mut *value) {
                (Kind::Personal, Value::String(text)) => self.personal(text),
                (_, Value::String(text)) if key == "name" => self.personal(text),
                _ => self.value(key, value, super::DEEPEST),
            }
        }
        self.rename_keys(other);
    }

    fn request(&mut self, request: &mut Request) {
        let Request { url, method, data, query_string, cookies, headers, env } = request;
        if let Some(before) = url {
            let (clean, found) = self.redactor.clean_url(before.as_str());
            self.count += found;
            if found > 0 {
                // What no longer reads as a URL does not leave as one.
                *url = clean.parse().ok();
            }
        }
        self.texts(method);
        if let Some(query) = query_string {
            self.text_as(&Form::Query, query);
        }
        let is_form = |(name, value): (&String, &String)| {
            name.eq_ignore_ascii_case("content-type") && value.starts_with("application/x-www-form-urlencoded")
        };
        let is_form = headers.iter().any(is_form);
        if let Some(body) = data {
            self.body(body, is_form);
        }
        self.cookies(cookies);
        self.strings(headers);
        self.strings(env);
    }

    /// A body: JSON by its structure, a form by its pairs, anything else as text.
    fn body(&mut self, body: &mut String, is_form: bool) {
        if is_form {
            return self.text_as(&Form::Query, body);
        }
        let is_json = body.trim_start().starts_with(['{', '[']);
        let Some(mut value) = is_json.then(|| serde_json::from_str::<Value>(body).ok()).flatten() else {
            return self.text(body);
        };
        let before = value.clone();
        self.value("", &mut value, super::DEEPEST);
        if value != before {
            *body = value.to_string();
        }
    }

    /// Cookies: their names stay.
    fn cookies(&mut self, cookies: &mut Option<String>) {
        let Some(text) = cookies else { return };
        let mut clean = String::with_capacity(text.len());
        for (place, cookie) in text.split(';').enumerate() {
            let (name, value) = cookie.split_once('=').map_or(("", cookie), |(name, value)| (name, value));
            clean.push_str(if place > 0 { ";" } else { "" });
            clean.push_str(name);
            clean.push_str(if name.is_empty() { "" } else { "=" });
            if value.trim().is_empty() || is_covered(value.trim()) {
                clean.push_str(value);
            } else {
                clean.push_str(&self.redactor.cover(value.trim()));
                self.count += 1;
            }
        }
        *text = clean;
        self.text(text);
    }
}
