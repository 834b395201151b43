"""What a PostgreSQL database has of ours: the schema `sandtable` beside one schema for each world.

`sandtable.about` says whose database it is and which layout it has, `sandtable.worlds` which schema a world has. A
world's schema has the tables of its records; `_world`, one row whose lock is the right to write; and `_log`, what each
transaction changed, and `_beside` for what is no record: sessions, requests, planned faults, the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.core.query.language.folding import fold
from sandtable.core.schema.physical import StoreError, quoted

if TYPE_CHECKING:
    from sandtable.core.store.postgres.connections import Connections

LAYOUT = 1
APPLICATION = "sandtable"
TURNSTILE = 0x53545442  # the advisory lock of those who make schemas: "STTB"
_LAST_LETTER = 0x1F000


def _folding() -> tuple[str, str]:
    """Return the letters that `fold` changes, and what it makes of them."""
    pairs = [(chr(code), str(fold(chr(code)))) for code in range(0x80, _LAST_LETTER) if not 0xD800 <= code < 0xE000]
    changed = [(letter, other) for letter, other in pairs if letter != other]
    return "".join(letter for letter, _ in changed), "".join(other for _, other in changed)


def _functions() -> tuple[str, ...]:
    upper, lower = _folding()
    return (
        f"""CREATE FUNCTION sandtable.fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $body$
            SELECT CASE WHEN octet_length($1) = length($1) THEN lower($1 COLLATE "C")
            ELSE translate(lower($1 COLLATE "C"), '{upper}', '{lower}') END $body$""",
        # No more digits than a number may have; what they begin with is the number.
        r"""CREATE FUNCTION sandtable.number(text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $body$
            SELECT coalesce(substring($1 from
            '^\s*([+-]?(?:\d{1,200}\.?\d{0,200}|\.\d{1,200})(?:[eE][+-]?\d{1,3})?)')::numeric, 0) $body$""",
        r"""CREATE FUNCTION sandtable.moment(text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
            AS $body$ BEGIN
            IF $1 !~ '^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?$' THEN RETURN NULL; END IF;
            RETURN $1::timestamp;
            EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN RETURN NULL;
            END $body$""",
    )


def _statements() -> tuple[str, ...]:
    return (
        "CREATE SCHEMA sandtable",
        "CREATE TABLE sandtable.about (application text NOT NULL, layout integer NOT NULL)",
        "CREATE TABLE sandtable.worlds (name text PRIMARY KEY, schema text NOT NULL UNIQUE)",
        "CREATE SEQUENCE sandtable.schemas",
        "CREATE SEQUENCE sandtable.workers",
        *_functions(),
        f"INSERT INTO sandtable.about VALUES ('{APPLICATION}', {LAYOUT})",
    )


def prepare(connections: Connections) -> None:
    """See to it that the database has our schema. Raises StoreError for one of another version, or not fit for us."""
    with connections.transaction() as run:
        run(f"SELECT pg_advisory_xact_lock({TURNSTILE})")
        (encoding,) = run("SHOW server_encoding").fetchone()
        if encoding != "UTF8":
            raise StoreError(f"{connections.shown} has encoding {encoding}; create the database with encoding UTF8")
        found = run("SELECT to_regclass('sandtable.about')::text, to_regnamespace('sandtable')::text").fetchone()
        if found == (None, None):
            for statement in _statements():
                run(statement)
            return
        about = run("SELECT application, layout FROM sandtable.about").fetchone() if found[0] is not None else None
        if about is None or about[0] != APPLICATION:
            raise StoreError(f"{connections.shown} has a schema sandtable that is not ours; give another database")
        if about[1] != LAYOUT:
            raise StoreError(
                f"{connections.shown} has layout {about[1]} of another version of Sandtable, and this one "
                f"knows {LAYOUT}; use that version, or another database"
            )


def schema_of(connections: Connections, world: str) -> str:
    """Return the schema of a world, which is made if there is none."""
    with connections.transaction() as run:
        run(f"SELECT pg_advisory_xact_lock({TURNSTILE})")
        found = run("SELECT schema FROM sandtable.worlds WHERE name = $1", (world,)).fetchone()
        if found is not None:
            return str(found[0])
        (number,) = run("SELECT nextval('sandtable.schemas')").fetchone()
        schema = f"sandtable_{number}"
        run("INSERT INTO sandtable.worlds VALUES ($1, $2)", (world, schema))
        name = quoted(schema)
        run(f"CREATE SCHEMA {name}")
        run(f"CREATE TABLE {name}._world (generation bigint NOT NULL, settings bigint NOT NULL)")
        run(f"INSERT INTO {name}._world VALUES (0, 0)")
        run(
            f"CREATE TABLE {name}._beside (kind text, key text, value text NOT NULL,"
            " place bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (kind, key))"
        )
        run(f"CREATE INDEX ON {name}._beside (kind, place)")
        run(f"CREATE TABLE {name}._log (generation bigint PRIMARY KEY, changes text NOT NULL)")
        return schema


def question(schema: str, since: str, *more: str) -> str:
    """Return the statement that asks what a world is at, and what has changed `since` a generation, and `more`."""
    place, told = quoted(schema), "json_agg(changes::json ORDER BY generation)"
    changes = f"SELECT {told} FROM {place}._log WHERE generation > {since}"
    return f"SELECT generation, settings, {', '.join(f'({each})' for each in (changes, *more))} FROM {place}._world"


class Places:
    """The worlds of one server in a database, by name: those whose names begin with the name of its default world."""

    def __init__(self, connections: Connections, home: str) -> None:
        self._connections = connections
        self._home = home

    def full_name(self, name: str) -> str:
        """Return what a world is called in the database."""
        return f"{self._home}/{name}"

    def place(self, name: str) -> str | None:
        """Return the schema of a world, or None."""
        ask = b"SELECT schema FROM sandtable.worlds WHERE name = $1"
        found = self._connections.execute(ask, (self.full_name(name),)).fetchone()
        return str(found[0]) if found is not None else None

    def places(self) -> dict[str, str]:
        """Return the schema of each world, in the order in which they were made."""
        start = self.full_name("")
        order = b"ORDER BY length(schema), schema"
        ask = b"SELECT name, schema FROM sandtable.worlds WHERE left(name, length($1)) = $1 " + order
        return {name[len(start) :]: schema for name, schema in self._connections.execute(ask, (start,))}

    def drop(self, name: str) -> None:
        """Forget a world and all that it has."""
        drop(self._connections, self.full_name(name))


def drop(connections: Connections, world: str) -> None:
    """Forget a world and all that it has."""
    with connections.transaction() as run:
        run(f"SELECT pg_advisory_xact_lock({TURNSTILE})")
        found = run("DELETE FROM sandtable.worlds WHERE name = $1 RETURNING schema", (world,)).fetchone()
        if found is not None:
            run(f"DROP SCHEMA {quoted(str(found[0]))} CASCADE")


def worker_number(connections: Connections) -> int:
    """Return a number that no other worker of this database has or had."""
    found: Any = connections.execute(b"SELECT nextval('sandtable.workers')").fetchone()
    return int(found[0])
