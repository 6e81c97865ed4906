-- Who works here and what they do.
CREATE TABLE barbers (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    calendar_id TEXT NOT NULL
);
CREATE TABLE services (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    minutes     INTEGER NOT NULL,
    price_cents INTEGER NOT NULL
);

INSERT INTO barbers (id, name, calendar_id) VALUES
    (1, 'Marco',  'cal-marco'),
    (2, 'Aylin',  'cal-aylin'),
    (3, 'Juri',   'cal-juri'),
    (4, 'Selma',  'cal-selma-revoked'),
    (5, 'Tarek',  'cal-tarek-garbled'),
    (6, 'Bronwen','cal-bronwen-slow');
INSERT INTO services (id, name, minutes, price_cents) VALUES
    (1, 'haircut',            30, 2900),
    (2, 'beard trim',         15, 1500),
    (3, 'haircut and beard',  45, 4100),
    (4, 'hot towel shave',    30, 2600),
    (5, 'colour',             90, 7900);
