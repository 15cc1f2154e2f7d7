-- Rows name a function by a number. A function is known here as soon as anything of it is stored.
CREATE TABLE function_ids (
    number INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    package TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (project, package, name)
);

CREATE TABLE functions (
    function INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE requests (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    function INTEGER NOT NULL,
    qualifier TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    error_code INTEGER NOT NULL,
    error_message TEXT NOT NULL,
    idempotency_key TEXT
);

-- Those that have not ended come first, for a start; the others by age, to be forgotten.
CREATE INDEX requests_by_end ON requests (ended_at);
CREATE INDEX requests_by_function ON requests (function, accepted_at);
CREATE INDEX requests_by_key ON requests (function, idempotency_key, accepted_at) WHERE idempotency_key IS NOT NULL;

-- Events are apart so that a change of a request does not write its event again. They go when the request ends.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    event BLOB NOT NULL
);

-- A number is never used again: settling a delivery twice must not settle another.
CREATE TABLE deliveries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    request BLOB NOT NULL,
    function INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    destination TEXT NOT NULL,
    payload BLOB NOT NULL
);
