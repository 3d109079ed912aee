-- What each source says, kept by source; the target follows from it. Rows for the targets of earlier
-- versions are filled in by the program, in the same transaction.

-- When a target was made and last changed, in microseconds since 1970, UTC; unknown for earlier ones.
ALTER TABLE target ADD COLUMN created INTEGER;
ALTER TABLE target ADD COLUMN modified INTEGER;

-- A name in its normal form, or a source's own id between control characters. Target 0 is none: what has
-- the key was deleted and is not to be made again.
CREATE TABLE target_key (
    key       TEXT PRIMARY KEY,
    target_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX target_key_of ON target_key (target_id);

-- The highest number of a target that was removed: numbers are not given again.
CREATE TABLE last_number (
    target INTEGER NOT NULL
) STRICT;

INSERT INTO last_number (target) VALUES (0);

CREATE TABLE sighting (
    target_id INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    source    TEXT NOT NULL,
    object_id TEXT NOT NULL,          -- the source's own id; empty for none
    query     INTEGER,                -- the saved query that brought it first
    fetched   INTEGER,                -- when its data were last fetched whole, in microseconds since 1970
    document  TEXT NOT NULL,          -- JSON: the fields with the times they were observed
    PRIMARY KEY (target_id, source, object_id)
) STRICT, WITHOUT ROWID;

-- When the survey took the measurement back: such a row is no measurement.
ALTER TABLE datum ADD COLUMN withdrawn INTEGER;

-- The key of a point without an id no longer says whether it is a limit, so that a correction finds it. Of
-- two that fall together the detection stays.
UPDATE OR IGNORE datum
SET key = 'photometry|' || coalesce(value ->> '$.survey', value ->> '$.telescope', '') || '||'
       || substr(key, length('photometry|' || coalesce(value ->> '$.survey', value ->> '$.telescope', '') || '|limit|') + 1)
WHERE data_type = 'photometry'
  AND value ->> '$.source_id' IS NULL
  AND substr(key, 1, length('photometry|' || coalesce(value ->> '$.survey', value ->> '$.telescope', '') || '|limit|'))
      = 'photometry|' || coalesce(value ->> '$.survey', value ->> '$.telescope', '') || '|limit|';

DELETE FROM datum
WHERE data_type = 'photometry'
  AND value ->> '$.source_id' IS NULL
  AND substr(key, 1, length('photometry|' || coalesce(value ->> '$.survey', value ->> '$.telescope', '') || '|limit|'))
      = 'photometry|' || coalesce(value ->> '$.survey', value ->> '$.telescope', '') || '|limit|';

-- Values that the same source corrected, as they were.
CREATE TABLE superseded (
    target_id       INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    source_name     TEXT NOT NULL,
    key             TEXT NOT NULL,
    replaced        INTEGER NOT NULL,
    timestamp       INTEGER NOT NULL,
    data_type       TEXT NOT NULL,
    source_location TEXT NOT NULL,
    value           TEXT NOT NULL
) STRICT;

CREATE INDEX superseded_of ON superseded (target_id);

CREATE TABLE superseded_classification (
    target_id   INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    source_name TEXT NOT NULL,
    classifier  TEXT NOT NULL,
    version     TEXT,
    class       TEXT NOT NULL,
    value       TEXT NOT NULL,
    replaced    INTEGER NOT NULL
) STRICT;

CREATE INDEX superseded_classification_of ON superseded_classification (target_id);

-- How far a query or a partition has come, who works on it, and under which claim. Times in microseconds.
CREATE TABLE progress (
    scope   TEXT PRIMARY KEY,
    fence   INTEGER NOT NULL,
    owner   TEXT NOT NULL,
    until   INTEGER,
    place   TEXT,
    updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE report (
    scope    TEXT NOT NULL,
    started  INTEGER NOT NULL,
    document TEXT NOT NULL,           -- JSON
    PRIMARY KEY (scope, started)
) STRICT, WITHOUT ROWID;

-- Messages of streams that cannot be read.
CREATE TABLE dead_letter (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    topic     TEXT NOT NULL,
    partition INTEGER NOT NULL,
    "offset"  INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    bytes     BLOB NOT NULL,
    saved     INTEGER NOT NULL,
    UNIQUE (topic, partition, "offset")
) STRICT;

-- A place is written by runs, with the rows it covers. Those of earlier versions do not say what they are of.
ALTER TABLE broker_query DROP COLUMN resume;

-- The view of photometry has measurements alone.
DROP VIEW photometry;

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
    datum.value ->> '$.flux_unit'                                      AS flux_unit,
    datum.value ->> '$.negative_magnitude'                             AS negative_magnitude,
    datum.value ->> '$.limiting_magnitude'                             AS limiting_magnitude,
    datum.value ->> '$.unit'                                           AS unit,
    coalesce(datum.value ->> '$.forced', 0)                            AS forced,
    datum.value ->> '$.telescope'                                      AS telescope
FROM datum
JOIN target ON target.id = datum.target_id
WHERE datum.data_type = 'photometry' AND datum.withdrawn IS NULL;
