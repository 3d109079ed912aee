-- "TOMA": a file with another number here belongs to another program.
PRAGMA application_id = 0x544F4D41;

-- document is the target as JSON and holds every number exactly; the other columns are for searching.
CREATE TABLE target (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    type     TEXT NOT NULL,
    ra       REAL,
    dec      REAL,
    document TEXT NOT NULL
) STRICT;

-- A light curve lies together, so reading or importing it again touches few pages.
CREATE TABLE datum (
    target_id       INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    source_name     TEXT NOT NULL,
    key             TEXT NOT NULL,
    timestamp       INTEGER NOT NULL, -- microseconds since 1970, UTC
    data_type       TEXT NOT NULL,
    source_location TEXT NOT NULL,
    value           TEXT NOT NULL,    -- JSON
    PRIMARY KEY (target_id, source_name, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE classification (
    target_id   INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    source_name TEXT NOT NULL,
    classifier  TEXT NOT NULL,
    version     TEXT,
    class       TEXT NOT NULL,
    value       TEXT NOT NULL         -- JSON: probability and rank
) STRICT;

-- 0 is no text, so a missing version differs from every version there can be.
CREATE UNIQUE INDEX classification_once
    ON classification (target_id, source_name, classifier, class, ifnull(version, 0));

CREATE TABLE broker_query (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    broker     TEXT NOT NULL,
    parameters TEXT NOT NULL,         -- JSON
    created    INTEGER NOT NULL,      -- these three in microseconds since 1970, UTC
    modified   INTEGER NOT NULL,
    last_run   INTEGER,
    resume     TEXT
) STRICT;

-- For people and plotting programs that read the file with SQL.
CREATE VIEW photometry AS
SELECT
    target.name                                                        AS target,
    datum.source_name                                                  AS source_name,
    -- Rounded down by hand: division rounds towards zero, which is wrong before 1970.
    strftime('%Y-%m-%dT%H:%M:%S', (datum.timestamp - (datum.timestamp % 1000000 + 1000000) % 1000000) / 1000000,
             'unixepoch')
        || printf('.%06dZ', (datum.timestamp % 1000000 + 1000000) % 1000000) AS time,
    datum.value ->> '$.filter'                                         AS filter,
    datum.value ->> '$.magnitude'                                      AS magnitude,
    datum.value ->> '$.error'                                          AS error,
    datum.value ->> '$.limit'                                          AS "limit",
    datum.value ->> '$.flux'                                           AS flux,
    datum.value ->> '$.flux_error'                                     AS flux_error,
    datum.value ->> '$.flux_unit'                                      AS flux_unit
FROM datum
JOIN target ON target.id = datum.target_id
WHERE datum.data_type = 'photometry';
