-- Functions of one meaning on both databases; on SQLite they are Python (store/dialect.py). @fold@ is chosen by what the server has.

CREATE OR REPLACE FUNCTION seqlang_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT @fold@ $$;

CREATE OR REPLACE FUNCTION seqlang_share(flow text, split text, key text) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ('x' || substr(md5(convert_to(flow || E'\n' || split || E'\n' || key, 'UTF8')), 1, 8))::bit(32)::bigint / 4294967296.0::float8
$$;

CREATE OR REPLACE FUNCTION seqlang_instant(micros bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT timestamptz '1970-01-01 00:00:00+00' + micros * interval '1 microsecond'
$$;

CREATE OR REPLACE FUNCTION seqlang_micros(at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT (extract(epoch FROM at) * 1000000)::bigint $$;

CREATE OR REPLACE FUNCTION seqlang_local_date(micros bigint, zone text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (timezone(zone, seqlang_instant(micros))::date - date '0001-01-01') + 1
$$;

CREATE OR REPLACE FUNCTION seqlang_offset(at timestamptz, zone text) RETURNS interval
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT timezone(zone, at) - timezone('UTC', at) $$;

-- A local time that the clocks skip is the first instant after the gap; one that comes twice, the first of the two.
CREATE OR REPLACE FUNCTION seqlang_local_instant(wall timestamp, zone text) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    late timestamptz := timezone(zone, wall);
    early timestamptz;
    middle timestamptz;
BEGIN
    early := timezone('UTC', wall) - seqlang_offset(late - interval '1 day', zone);
    IF timezone(zone, early) = wall THEN
        RETURN least(early, late);
    END IF;
    IF timezone(zone, late) = wall THEN
        RETURN late;
    END IF;
    late := date_trunc('second', greatest(early, late));
    early := late - interval '2 days';
    WHILE late - early > interval '1 second' LOOP
        middle := early + make_interval(secs => floor(extract(epoch FROM late - early) / 2));
        IF seqlang_offset(middle, zone) = seqlang_offset(late, zone) THEN
            late := middle;
        ELSE
            early := middle;
        END IF;
    END LOOP;
    RETURN late;
END
$$;

CREATE OR REPLACE FUNCTION seqlang_shift_days(micros bigint, days integer, zone text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN days = 0 THEN micros ELSE seqlang_micros(seqlang_local_instant(
        timezone(zone, seqlang_instant(micros)) + days * interval '1 day', zone)) END
$$;

-- What an event's properties say, as they were told: what is no date or instant is empty.
CREATE OR REPLACE FUNCTION seqlang_read_date(told text) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF btrim(told) !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
        RETURN NULL;
    END IF;
    RETURN (to_date(btrim(told), 'YYYY-MM-DD') - date '0001-01-01') + 1;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION seqlang_read_instant(told text, zone text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF btrim(told) !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?$' THEN
        RETURN NULL;
    END IF;
    IF btrim(told) ~ '(Z|[+-][0-9]{2}:[0-9]{2})$' THEN
        RETURN seqlang_micros(btrim(told)::timestamptz);
    END IF;
    RETURN seqlang_micros(seqlang_local_instant(btrim(told)::timestamp, zone));
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

-- Triggers of store/formers.py: what a column was before a change (arguments: record type, column) …
CREATE OR REPLACE FUNCTION seqlang_former() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO former (line_id, record, record_id, what, name, value)
    SELECT coalesce(max(id), 0), TG_ARGV[0], OLD.id, 'field', TG_ARGV[1], to_jsonb(OLD) ->> TG_ARGV[1] FROM ledger;
    RETURN NULL;
END $$;

-- … and whether a tag or list was there before it came or went (arguments: tag or list, its name or number, record type).
CREATE OR REPLACE FUNCTION seqlang_former_mark() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    mark jsonb := to_jsonb(CASE TG_OP WHEN 'INSERT' THEN NEW ELSE OLD END);
BEGIN
    INSERT INTO former (line_id, record, record_id, what, name, value)
    SELECT coalesce(max(id), 0), coalesce(mark ->> 'record', TG_ARGV[2]), (mark ->> 'record_id')::bigint, TG_ARGV[0], TG_ARGV[1],
        CASE TG_OP WHEN 'INSERT' THEN NULL ELSE '1' END
    FROM ledger;
    RETURN NULL;
END $$;
