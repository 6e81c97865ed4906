//! A watched connection is an asynchronous connection.

use redis::aio::ConnectionLike;
use redis::{Cmd, Pipeline, RedisFuture, Value};

use super::Monitored;
use super::command::Command;
use super::watch::{Call, is_listened_to, watch};

impl<C: ConnectionLike + Send> ConnectionLike for Monitored<C> {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        let Self { connection, settings } = self;
        if !is_listened_to() {
            return connection.req_packed_command(cmd);
        }
        let db = connection.get_db();
        Box::pin(watch(settings, db, || Call::One(Command::of(cmd)), connection.req_packed_command(cmd)))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        let Self { connection, settings } = self;
        if !is_listened_to() {
            return connection.req_packed_commands(pipeline, offset, count);
        }
        let db = connection.get_db();
        let call = || Call::Pipeline {
            commands: pipeline.cmd_iter().map(Command::of).collect(),
            atomic: pipeline.is_transaction(),
        };
        Box::pin(watch(settings, db, call, connection.req_packed_commands(pipeline, offset, count)))
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}
