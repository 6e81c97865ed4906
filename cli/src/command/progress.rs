//! A word about what is going on, once it takes longer than a second.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Tells on standard error which step has been under way for more than a second.
#[derive(Debug)]
pub(crate) struct Progress {
    steps: Option<Sender<String>>,
    teller: Option<JoinHandle<()>>,
}

impl Progress {
    /// Nothing is under way yet.
    pub(crate) fn start() -> Self {
        let (steps, hear) = mpsc::channel::<String>();
        let teller = thread::spawn(move || {
            let mut under_way: Option<String> = None;
            loop {
                match hear.recv_timeout(Duration::from_secs(1)) {
                    Ok(step) => under_way = Some(step),
                    Err(RecvTimeoutError::Timeout) => {
                        if let Some(step) = under_way.take() {
                            anstream::eprintln!("still at: {step} ..");
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        Self { steps: Some(steps), teller: Some(teller) }
    }

    /// This begins now.
    pub(crate) fn step(&self, name: &str) {
        if let Some(steps) = &self.steps {
            // The teller outlives every step; if it is gone there is nobody to tell.
            let _ = steps.send(name.to_owned());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.steps = None;
        if let Some(teller) = self.teller.take() {
            let _ = teller.join();
        }
    }
}
