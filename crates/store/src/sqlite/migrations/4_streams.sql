-- A number is never used again: who reads on from one must not miss what came later.
ALTER TABLE logs RENAME TO earlier_logs;

CREATE TABLE logs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL,
    request BLOB NOT NULL,
    function INTEGER NOT NULL,
    version TEXT NOT NULL,
    at INTEGER NOT NULL,
    error_code INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    text TEXT NOT NULL
);

INSERT INTO logs SELECT number, 0, request, function, version, at, error_code, bytes, text FROM earlier_logs;
DROP TABLE earlier_logs;

CREATE INDEX logs_by_request ON logs (request);
CREATE INDEX logs_by_function ON logs (function, stream, at);
CREATE INDEX logs_by_age ON logs (at, bytes);

-- In the order in which they were stored: numbers come last in every index.
CREATE INDEX logs_by_order ON logs (function, stream);

CREATE TRIGGER log_added AFTER INSERT ON logs BEGIN UPDATE log_bytes SET total = total + new.bytes; END;
CREATE TRIGGER log_removed AFTER DELETE ON logs BEGIN UPDATE log_bytes SET total = total - old.bytes; END;

-- Without it, nobody knows over how many invocations a sum of durations goes.
ALTER TABLE minutes ADD COLUMN handled INTEGER NOT NULL DEFAULT 0;
UPDATE minutes SET handled = count - rejects WHERE duration_max > 0;
