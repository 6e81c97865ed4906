//! How a row becomes a value.

use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use crate::booking::{Appointment, Barber, Customer, Treatment};
use crate::payment::Payment;

impl<'r> FromRow<'r, SqliteRow> for Barber {
    fn from_row(row: &'r SqliteRow) -> sqlx::Result<Self> {
        Ok(Self { id: row.try_get("id")?, name: row.try_get("name")?, calendar_id: row.try_get("calendar_id")? })
    }
}

impl<'r> FromRow<'r, SqliteRow> for Treatment {
    fn from_row(row: &'r SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            minutes: row.try_get("minutes")?,
            price_cents: row.try_get("price_cents")?,
        })
    }
}

impl<'r> FromRow<'r, SqliteRow> for Appointment {
    fn from_row(row: &'r SqliteRow) -> sqlx::Result<Self> {
        let customer = Customer {
            name: row.try_get("customer_name")?,
            email: row.try_get("customer_email")?,
            phone: row.try_get("customer_phone")?,
        };
        Ok(Self {
            id: row.try_get("id")?,
            customer_id: row.try_get("customer_id")?,
            customer,
            barber_id: row.try_get("barber_id")?,
            service_id: row.try_get("service_id")?,
            starts_at: row.try_get("starts_at")?,
            status: row.try_get("status")?,
        })
    }
}

impl<'r> FromRow<'r, SqliteRow> for Payment {
    fn from_row(row: &'r SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            charge_id: row.try_get("charge_id")?,
            amount_cents: row.try_get("amount_cents")?,
            currency: row.try_get("currency")?,
        })
    }
}
