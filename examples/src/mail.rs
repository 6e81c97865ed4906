//! E-mail, handed to a provider by SMTP.

use std::net::SocketAddr;
use std::time::Duration;

use lettre::address::AddressError;
use lettre::message::Mailbox;
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tracing::info;
use watchpost::Classify;
use watchpost::lettre::MonitoredTransport;

/// The provider, and who writes. What is sent is monitored: each message is a span that tells what became of it, with the
/// recipient's domain and no address.
#[derive(Debug)]
pub struct Mail {
    transport: MonitoredTransport<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
}

/// How long the provider may take for one command.
const LIMIT: Duration = Duration::from_secs(1);

/// Why a message is not on its way.
#[derive(Debug, thiserror::Error, Classify)]
pub enum MailError {
    #[error("that is no address")]
    #[classify(category = "notification", level = "warning", status = "invalid_argument", retry = "never")]
    Address(#[from] AddressError),
    #[error("the message cannot be written")]
    #[classify(category = "notification", status = "internal_error", retry = "never")]
    Message(#[from] lettre::error::Error),
    // Trying again will not make the mailbox exist.
    #[error("the mail server refuses: {0}")]
    #[classify(category = "notification", level = "warning", status = "failed_precondition", retry = "never")]
    Refused(smtp::Error),
    #[error("the mail server wants to be asked later")]
    #[classify(category = "notification", status = "unavailable", retry = "later")]
    Deferred(#[source] smtp::Error),
    #[error("the mail server does not answer")]
    #[classify(category = "notification", status = "unavailable", retry = "later")]
    NoAnswer(#[source] smtp::Error),
}

impl Mail {
    /// Of a provider that is on this machine: what leaves it should be encrypted.
    ///
    /// # Errors
    /// When the sender has no address.
    pub fn new(provider: &'static str, server: SocketAddr, from: &str) -> Result<Self, AddressError> {
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.ip().to_string());
        let smtp = smtp.port(server.port()).timeout(Some(LIMIT)).build();
        Ok(Self { transport: MonitoredTransport::new(smtp).provider(provider), from: from.parse()? })
    }

    pub async fn send(&self, name: &str, address: &str, subject: &str, text: String) -> Result<(), MailError> {
        let to = Mailbox::new(Some(name.to_owned()), address.parse::<Address>()?);
        let message = Message::builder().from(self.from.clone()).to(to).subject(subject).body(text)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Refused(error)),
            Err(error) if error.is_transient() => {
                info!(%error, "mail put off");
                Err(MailError::Deferred(error))
            }
            Err(error) => Err(MailError::NoAnswer(error)),
        }
    }
}
