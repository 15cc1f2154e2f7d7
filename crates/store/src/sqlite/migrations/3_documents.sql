CREATE TABLE documents (
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE UNIQUE INDEX documents_by_key ON documents (collection, key);
