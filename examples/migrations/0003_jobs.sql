-- The queue. A job that has failed for good stays, so that someone can look at it.
CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY,
    queue        TEXT NOT NULL,
    payload      TEXT NOT NULL,
    trace        TEXT NOT NULL,
    attempt      INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    run_at       INTEGER NOT NULL,
    status       TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'running', 'done', 'dead'))
);
CREATE INDEX jobs_waiting ON jobs (run_at) WHERE status = 'waiting';
