//! The statements, each under a name.

use watchpost::sqlx::monitored_transaction;

use super::Database;
use crate::booking::{Appointment, Barber, NewAppointment, Treatment};
use crate::payment::Payment;

const APPOINTMENT: &str =
    "SELECT id, customer_id, customer_name, customer_email, customer_phone, barber_id, service_id,
    starts_at, status FROM appointments";

impl Database {
    pub async fn barbers(&self) -> sqlx::Result<Vec<Barber>> {
        sqlx::query_as("SELECT id, name, calendar_id FROM barbers ORDER BY id").fetch_all(&self.pool).await
    }

    pub async fn find_barber(&self, id: i64) -> sqlx::Result<Option<Barber>> {
        let sql = "SELECT id, name, calendar_id FROM barbers WHERE id = ?";
        sqlx::query_as(sql).bind(id).fetch_optional(&self.pool).await
    }

    pub async fn find_treatment(&self, id: i64) -> sqlx::Result<Option<Treatment>> {
        let sql = "SELECT id, name, minutes, price_cents FROM services WHERE id = ?";
        sqlx::query_as(sql).bind(id).fetch_optional(&self.pool).await
    }

    /// Begin and end of everything a barber has between two times.
    pub async fn find_taken(&self, barber_id: i64, from: i64, to: i64) -> sqlx::Result<Vec<(i64, i64)>> {
        let sql = "SELECT starts_at, ends_at FROM appointments
                   WHERE barber_id = ? AND status <> 'cancelled' AND starts_at < ? AND ends_at > ? ORDER BY starts_at";
        sqlx::query_as(sql).bind(barber_id).bind(to).bind(from).fetch_all(&self.pool).await
    }

    /// Takes the time, unless the barber has something then; one statement, so that of two requests only one can win.
    pub async fn insert_appointment(&self, new: &NewAppointment<'_>) -> sqlx::Result<Option<i64>> {
        let sql = "INSERT INTO appointments (customer_id, customer_name, customer_email, customer_phone, barber_id,
                       service_id, starts_at, ends_at, note, status)
                   SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'pending'
                   WHERE NOT EXISTS (SELECT 1 FROM appointments
                       WHERE barber_id = ?5 AND status <> 'cancelled' AND starts_at < ?8 AND ends_at > ?7)
                   RETURNING id";
        sqlx::query_scalar(sql)
            .bind(new.customer_id)
            .bind(&new.customer.name)
            .bind(&new.customer.email)
            .bind(&new.customer.phone)
            .bind(new.barber_id)
            .bind(new.service_id)
            .bind(new.starts_at)
            .bind(new.ends_at)
            .bind(new.note)
            .fetch_optional(&self.pool)
            .await
    }

    /// The payment and what it pays for, or neither.
    pub async fn confirm_appointment(&self, id: i64, payment: &Payment) -> sqlx::Result<()> {
        monitored_transaction(&self.pool, async |mut transaction| {
            sqlx::query("INSERT INTO payments VALUES (?, ?, ?, ?, ?, 'charged')")
                .bind(&payment.id)
                .bind(id)
                .bind(&payment.charge_id)
                .bind(payment.amount_cents)
                .bind(&payment.currency)
                .execute(&mut *transaction)
                .await?;
            let sql = "UPDATE appointments SET status = 'confirmed' WHERE id = ?";
            sqlx::query(sql).bind(id).execute(&mut *transaction).await?;
            Ok(())
        })
        .await
    }

    /// Whether there was something to cancel.
    pub async fn cancel_appointment(&self, id: i64) -> sqlx::Result<bool> {
        let sql = "UPDATE appointments SET status = 'cancelled' WHERE id = ? AND status <> 'cancelled'";
        Ok(sqlx::query(sql).bind(id).execute(&self.pool).await?.rows_affected() > 0)
    }

    pub async fn find_appointment(&self, id: i64) -> sqlx::Result<Option<Appointment>> {
        let sql = sqlx::AssertSqlSafe(format!("{APPOINTMENT} WHERE id = ?"));
        sqlx::query_as(sql).bind(id).fetch_optional(&self.pool).await
    }

    pub async fn appointments_of_customer(&self, customer_id: &str) -> sqlx::Result<Vec<Appointment>> {
        let sql = sqlx::AssertSqlSafe(format!("{APPOINTMENT} WHERE customer_id = ? ORDER BY starts_at"));
        sqlx::query_as(sql).bind(customer_id).fetch_all(&self.pool).await
    }

    pub async fn appointments_between(&self, from: i64, to: i64) -> sqlx::Result<Vec<Appointment>> {
        let sql =
            format!("{APPOINTMENT} WHERE status = 'confirmed' AND starts_at >= ? AND starts_at < ? ORDER BY starts_at");
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(from).bind(to).fetch_all(&self.pool).await
    }

    pub async fn find_payment(&self, appointment_id: i64) -> sqlx::Result<Option<Payment>> {
        let sql = "SELECT id, charge_id, amount_cents, currency FROM payments WHERE appointment_id = ? AND status = 'charged'";
        sqlx::query_as(sql).bind(appointment_id).fetch_optional(&self.pool).await
    }

    pub async fn refund_payment(&self, id: &str) -> sqlx::Result<()> {
        sqlx::query("UPDATE payments SET status = 'refunded' WHERE id = ?").bind(id).execute(&self.pool).await?;
        Ok(())
    }
}
