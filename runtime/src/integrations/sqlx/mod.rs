//! Statements, transactions and pools of sqlx.
