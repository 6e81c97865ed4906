//! Money.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};
use tracing::error;
use watchpost::{Classify, SentryContext, capture_errors, monitor_performance};

use crate::outgoing::ProviderError;
use crate::service::Shop;

/// A card as the customer gives it. It goes to the payment provider and nowhere else, and never into a log.
#[derive(Clone, Serialize, Deserialize)]
pub struct Card {
    number: String,
    exp_month: u8,
    exp_year: u16,
    cvc: String,
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Card(..)")
    }
}

/// A charge that went through.
#[derive(Debug, Clone)]
pub struct Payment {
    pub id: String,
    pub charge_id: String,
    pub amount_cents: i64,
    pub currency: String,
}

/// What every payment error should tell.
#[derive(Debug, SentryContext)]
#[context(name = "payment")]
pub struct PaymentContext<'a> {
    pub payment_id: &'a str,
    pub amount_cents: i64,
    #[context(tag)]
    pub currency: &'a str,
    pub operation: &'a str,
}

/// Why no money has moved.
#[derive(Debug, thiserror::Error, Classify)]
pub enum PaymentError {
    // The message is the provider's, and providers repeat what they were sent.
    #[error("card declined ({code}): {message}")]
    #[classify(category = "payment", level = "warning", status = "failed_precondition", http = 402)]
    Declined { code: String, message: String },
    #[error("the payment provider failed")]
    #[classify(delegate)]
    Provider(#[from] ProviderError),
    #[error("the database failed")]
    #[classify(category = "database", status = "unavailable", http = 503)]
    Database(#[from] sqlx::Error),
}

impl PaymentError {
    /// What makes it another issue.
    fn kind(&self) -> &'static str {
        match self {
            Self::Declined { .. } => "declined",
            Self::Provider(error) => error.kind(),
            Self::Database(_) => "database",
        }
    }
}

const CURRENCY: &str = "EUR";

#[derive(Serialize)]
struct Charge<'a> {
    idempotency_key: &'a str,
    amount: i64,
    currency: &'a str,
    card: &'a Card,
}

#[derive(Deserialize)]
struct Charged {
    id: String,
}

/// Charges a card for an appointment.
pub async fn charge(shop: &Shop, appointment_id: i64, amount_cents: i64, card: &Card) -> Result<Payment, PaymentError> {
    let charged = process_payment(shop, &format!("pay_{appointment_id}"), amount_cents, card).await;
    if let Err(error @ (PaymentError::Provider(_) | PaymentError::Database(_))) = &charged {
        // It was reported where it occurred: of this line there is a log, and no second event.
        error!(error = error as &(dyn Error + 'static), appointment_id, "no payment");
    }
    charged
}

#[monitor_performance("payment_processing", op = "business.payment", slow = "1s", fields(amount_cents))]
#[capture_errors(category = "payment", tags(provider = "barberpay"), args(amount_cents),
    context = PaymentContext { payment_id, amount_cents, currency: CURRENCY, operation: "charge" },
    fingerprint = ["{{ default }}", err.kind()])]
async fn process_payment(
    shop: &Shop,
    payment_id: &str,
    amount_cents: i64,
    card: &Card,
) -> Result<Payment, PaymentError> {
    let charge = Charge { idempotency_key: payment_id, amount: amount_cents, currency: CURRENCY, card };
    let charged: Charged = shop.payments.post("/v1/charges", &charge).await.map_err(declined)?;
    watchpost::metrics::distribution("payments.amount", amount_cents as f64);
    Ok(Payment { id: payment_id.to_owned(), charge_id: charged.id, amount_cents, currency: CURRENCY.to_owned() })
}

/// Gives the money of a payment back.
#[monitor_performance("payment_refund", op = "business.payment")]
#[capture_errors(category = "payment", tags(provider = "barberpay"), context = PaymentContext {
    payment_id: &payment.id,
    amount_cents: payment.amount_cents,
    currency: &payment.currency,
    operation: "refund",
})]
pub async fn refund(shop: &Shop, payment: &Payment) -> Result<(), PaymentError> {
    let path = format!("/v1/charges/{}/refund", payment.charge_id);
    let _: Charged = shop.payments.post(&path, &serde_json::json!({})).await.map_err(declined)?;
    shop.db.refund_payment(&payment.id).await?;
    Ok(())
}

/// A refusal with status 402 is about the card; any other is about us.
fn declined(error: ProviderError) -> PaymentError {
    match error {
        ProviderError::Refused { status: 402, code, message, .. } => PaymentError::Declined { code, message },
        other => PaymentError::Provider(other),
    }
}
