//! The e-mail provider. What happens is decided by the recipient's domain.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::smtp::{Answer, Mailboxes};

/// How often each address was tried, for the servers that accept nobody at once.
#[derive(Debug, Default)]
pub(super) struct Domains(Mutex<HashMap<String, u32>>);

impl Mailboxes for Domains {
    /// As servers do, the answer repeats the address.
    fn answer(&self, address: &str) -> Answer {
        let domain = address.rsplit('@').next().unwrap_or_default();
        match domain {
            "bounce.example" => Answer::Say(550, format!("5.1.1 <{address}>: no such mailbox")),
            "full.example" => Answer::Say(552, format!("5.2.2 <{address}>: mailbox is full")),
            "greylist.example" if self.try_again(address) => Answer::Say(451, "4.7.1 try again later".to_owned()),
            "down.example" => Answer::HangUp,
            _ => Answer::Say(250, "2.1.5 fine".to_owned()),
        }
    }
}

impl Domains {
    /// Grey-listing servers take a message at the third try.
    fn try_again(&self, address: &str) -> bool {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tried = tries.entry(address.to_owned()).or_default();
        *tried += 1;
        !tried.is_multiple_of(3)
    }
}
