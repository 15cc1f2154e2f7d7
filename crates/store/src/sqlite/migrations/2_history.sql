CREATE TABLE minutes (
    function INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    version TEXT NOT NULL,
    count INTEGER NOT NULL,
    function_errors INTEGER NOT NULL,
    system_errors INTEGER NOT NULL,
    rejects INTEGER NOT NULL,
    cold_starts INTEGER NOT NULL,
    duration_sum INTEGER NOT NULL,
    duration_min INTEGER NOT NULL,
    duration_max INTEGER NOT NULL,
    billed_sum INTEGER NOT NULL,
    memory_time INTEGER NOT NULL,
    memory_max INTEGER NOT NULL,
    concurrency_max INTEGER NOT NULL,
    elastic_max INTEGER NOT NULL,
    reserved_max INTEGER NOT NULL,
    PRIMARY KEY (function, minute, version)
) WITHOUT ROWID;

CREATE INDEX minutes_by_age ON minutes (minute);

CREATE TABLE logs (
    number INTEGER PRIMARY KEY,
    request BLOB NOT NULL,
    function INTEGER NOT NULL,
    version TEXT NOT NULL,
    at INTEGER NOT NULL,
    error_code INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    text TEXT NOT NULL
);

CREATE INDEX logs_by_request ON logs (request);
CREATE INDEX logs_by_function ON logs (function, at);
CREATE INDEX logs_by_age ON logs (at, bytes);

-- One row: the bytes of all texts. Triggers keep it, so that no way of removing logs can forget to.
CREATE TABLE log_bytes (total INTEGER NOT NULL);
INSERT INTO log_bytes VALUES (0);
CREATE TRIGGER log_added AFTER INSERT ON logs BEGIN UPDATE log_bytes SET total = total + new.bytes; END;
CREATE TRIGGER log_removed AFTER DELETE ON logs BEGIN UPDATE log_bytes SET total = total - old.bytes; END;
