//! A watched connection is a blocking connection.

use redis::{Cmd, ConnectionLike, RedisResult, Value};

use super::Monitored;
use super::command::Command;
use super::watch::{Call, watch_blocking};
use super::wire;

impl<C: ConnectionLike> ConnectionLike for Monitored<C> {
    fn req_packed_command(&mut self, packed: &[u8]) -> RedisResult<Value> {
        let Self { connection, settings } = self;
        let call = || match <[Command<'_>; 1]>::try_from(wire::commands(packed)) {
            Ok([command]) => Call::One(command),
            Err(commands) => pipeline(commands),
        };
        watch_blocking(settings, connection.get_db(), call, || connection.req_packed_command(packed))
    }

    fn req_packed_commands(&mut self, packed: &[u8], offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let Self { connection, settings } = self;
        let call = || pipeline(wire::commands(packed));
        watch_blocking(settings, connection.get_db(), call, || connection.req_packed_commands(packed, offset, count))
    }

    fn req_command(&mut self, cmd: &Cmd) -> RedisResult<Value> {
        let Self { connection, settings } = self;
        let call = || Call::One(Command::of(cmd));
        watch_blocking(settings, connection.get_db(), call, || connection.req_command(cmd))
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }

    fn supports_pipelining(&self) -> bool {
        self.connection.supports_pipelining()
    }

    fn check_connection(&mut self) -> bool {
        self.connection.check_connection()
    }

    fn is_open(&self) -> bool {
        self.connection.is_open()
    }
}

/// A transaction is packed with its brackets around it.
fn pipeline(mut commands: Vec<Command<'_>>) -> Call<'_> {
    let atomic = commands.first().is_some_and(|first| first.name == "MULTI")
        && commands.last().is_some_and(|last| last.name == "EXEC");
    if atomic {
        commands.remove(0);
        commands.pop();
    }
    Call::Pipeline { commands, atomic }
}
