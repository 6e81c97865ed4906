//! A stand-in for Faktory's server: as much of its protocol as one client and one worker need, with one queue in memory. A job that
//! fails goes back into the queue at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::Error;

/// Jobs that wait, and those that are with a worker.
#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Value>,
    running: Vec<Value>,
}

/// Listens on loopback; tells the address in the form that clients take.
pub(crate) async fn start() -> Result<String, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("tcp://{}", listener.local_addr()?);
    let jobs = Arc::new(Mutex::new(Jobs::default()));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, jobs.clone()));
        }
    });
    Ok(address)
}

async fn serve(stream: TcpStream, jobs: Arc<Mutex<Jobs>>) -> Result<(), Error> {
    let (reading, mut writing) = stream.into_split();
    writing.write_all(b"+HI {\"v\":2}\r\n").await?;
    let mut lines = BufReader::new(reading).lines();
    while let Some(line) = lines.next_line().await? {
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let told: Value = serde_json::from_str(rest).unwrap_or_default();
        let answer = {
            let mut jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
            match verb {
                "PUSH" => jobs.waiting.push_back(told),
                "ACK" => jobs.running.retain(|job| job["jid"] != told["jid"]),
                "FAIL" => jobs.failed(&told),
                _ => {}
            }
            match verb {
                "END" => return Ok(()),
                "FETCH" => jobs.next(),
                _ => "+OK\r\n".to_owned(),
            }
        };
        writing.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

impl Jobs {
    fn next(&mut self) -> String {
        let Some(job) = self.waiting.pop_front() else { return "$-1\r\n".to_owned() };
        let text = job.to_string();
        self.running.push(job);
        format!("${}\r\n{text}\r\n", text.len())
    }

    fn failed(&mut self, told: &Value) {
        let Some(at) = self.running.iter().position(|job| job["jid"] == told["jid"]) else { return };
        let mut job = self.running.remove(at);
        let count = job["failure"]["retry_count"].as_i64().map_or(0, |count| count + 1);
        let retries = job["retry"].as_i64().unwrap_or(25);
        job["failure"] = json!({
            "retry_count": count, "remaining": retries - count, "failed_at": "2026-01-01T00:00:00Z",
            "next_at": "2026-01-01T00:00:00Z", "message": told["message"], "errtype": told["errtype"],
        });
        self.waiting.push_back(job);
    }
}
