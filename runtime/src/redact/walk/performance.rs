//! Transactions and their spans.

use sentry_core::protocol::{Map, Span, Transaction, Value};

use super::{Form, Redactor, Walk};

impl Redactor {
    /// A transaction with its spans, in place. Returns the number of values redacted.
    pub fn transaction(&self, transaction: &mut Transaction<'static>) -> u64 {
        self.walk(|walk| walk.transaction(transaction))
    }
}

impl Walk<'_> {
    fn transaction(&mut self, transaction: &mut Transaction<'static>) {
        #[rustfmt::skip]
        let Transaction {
            name, environment, user, tags, extra, spans, contexts, request, server_name,
            event_id: _, release: _, sdk: _, platform: _, timestamp: _, start_timestamp: _,
        } = transaction;
        self.texts(name);
        [environment, server_name].into_iter().flatten().for_each(|text| self.cow(text));
        self.context_of(contexts, user, request);
        self.strings(tags);
        self.map(extra);
        for Span { op, description, tags, data, .. } in spans {
            self.span_text(op.as_deref(), description, data);
            self.texts(op);
            self.strings(tags);
        }
    }

    /// What a span says of itself: its description is a statement, a request line or a text, as its operation tells.
    pub(super) fn span_text(
        &mut self,
        op: Option<&str>,
        description: &mut Option<String>,
        data: &mut Map<String, Value>,
    ) {
        let op = op.unwrap_or_default();
        if let Some(text) = description {
            if is_sql(op) && !is_other_store(data) {
                self.text_as(&Form::Sql, text);
            } else if op.starts_with("http") {
                self.request_line(text);
            } else {
                self.text(text);
            }
        }
        self.map(data);
    }

    /// `GET https://example.com/a?b=c`
    fn request_line(&mut self, line: &mut String) {
        let Some((method, url)) =
            line.split_once(' ').filter(|(method, _)| method.bytes().all(|byte| byte.is_ascii_uppercase()))
        else {
            return self.text_as(&Form::Url, line);
        };
        let mut url = url.to_owned();
        self.text_as(&Form::Url, &mut url);
        *line = [method, " ", &url].concat();
    }
}

/// Whether spans or breadcrumbs of this name hold statements: `db`, `db.sql.query`, but not `db.redis`.
pub(super) fn is_sql(name: &str) -> bool {
    let mut parts = name.split('.');
    parts.next() == Some("db") && !parts.any(is_no_sql)
}

fn is_other_store(data: &Map<String, Value>) -> bool {
    ["db.system", "db.system.name"].iter().filter_map(|key| data.get(*key)?.as_str()).any(is_no_sql)
}

fn is_no_sql(name: &str) -> bool {
    const OTHERS: &[&str] =
        &["redis", "valkey", "memcached", "mongodb", "elasticsearch", "opensearch", "dynamodb", "neo4j", "cache"];
    OTHERS.contains(&name)
}
