-- Times are Unix seconds.
CREATE TABLE appointments (
    id             INTEGER PRIMARY KEY,
    customer_id    TEXT NOT NULL,
    customer_name  TEXT NOT NULL,
    customer_email TEXT NOT NULL,
    customer_phone TEXT,
    barber_id      INTEGER NOT NULL REFERENCES barbers (id),
    service_id     INTEGER NOT NULL REFERENCES services (id),
    starts_at      INTEGER NOT NULL,
    ends_at        INTEGER NOT NULL,
    note           TEXT,
    status         TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'cancelled'))
);
CREATE INDEX appointments_by_barber ON appointments (barber_id, starts_at);

CREATE TABLE payments (
    id             TEXT PRIMARY KEY,
    appointment_id INTEGER NOT NULL REFERENCES appointments (id),
    charge_id      TEXT NOT NULL,
    amount_cents   INTEGER NOT NULL,
    currency       TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('charged', 'refunded'))
);
