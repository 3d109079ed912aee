-- The view of photometry tells what a row is: a negative difference, a forced measurement, a depth.
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
WHERE datum.data_type = 'photometry';
