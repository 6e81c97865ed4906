//! The booking service of a barber's shop: a small but real application, and the model of how watchpost is used.
//!
//! Customers book appointments over HTTP ([`web`]), pay by card ([`payment`]), and are told by e-mail and text message
//! ([`notify`]) from a queue in the database ([`queue`], [`worker`]), which also keeps the barbers' calendars up to date
//! ([`calendar`]). The [`providers`] are small HTTP services and a mail server on loopback that fail as real ones do, and
//! [`replay`] plays a day's requests against it all.

#![cfg_attr(feature = "off", expect(unused, reason = "what only attributes name is used by nothing without them"))]

pub mod auth;
pub mod booking;
pub mod cache;
pub mod calendar;
pub mod db;
pub mod mail;
pub mod monitoring;
pub mod notify;
pub mod outgoing;
pub mod payment;
pub mod price_list;
pub mod providers;
pub mod queue;
pub mod reminders;
pub mod replay;
pub mod service;
pub mod web;
pub mod worker;
